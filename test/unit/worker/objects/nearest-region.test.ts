/** Which region an isolate belongs to, from what Cloudflare says of its first request. */
import { describe, expect, test } from "vitest";

import { locationHints } from "../../../../core/protocol/object-namespace.ts";
import { nearestRegion } from "../../../../worker/objects/nearest-region.ts";

const paris = { latitude: "48.86", longitude: "2.35", continent: "EU" };

describe("the nearest region", () => {
  test.each([
    { city: "Paris", at: paris, region: "weur" },
    { city: "Kyiv", at: { latitude: "50.45", longitude: "30.52" }, region: "eeur" },
    { city: "San Francisco", at: { latitude: "37.77", longitude: "-122.42" }, region: "wnam" },
    { city: "New York", at: { latitude: "40.71", longitude: "-74.01" }, region: "enam" },
    { city: "Lima", at: { latitude: "-12.05", longitude: "-77.04" }, region: "sam" },
    { city: "Nairobi", at: { latitude: "-1.29", longitude: "36.82" }, region: "afr" },
    { city: "Dubai", at: { latitude: "25.20", longitude: "55.27" }, region: "me" },
    { city: "Tokyo", at: { latitude: "35.68", longitude: "139.69" }, region: "apac-ne" },
    { city: "Singapore", at: { latitude: "1.35", longitude: "103.82" }, region: "apac-se" },
    { city: "Sydney", at: { latitude: "-33.87", longitude: "151.21" }, region: "oc" },
    // East of the date line, the short way round the Earth.
    { city: "Suva", at: { latitude: "-18.12", longitude: "178.45" }, region: "oc" },
    { city: "Honolulu", at: { latitude: "21.31", longitude: "-157.86" }, region: "wnam" },
  ])("of $city among all is $region", ({ at, region }) => {
    expect(nearestRegion(locationHints, at)).toBe(region);
  });

  test("is one of those that there are", () => {
    expect(nearestRegion(["oc", "wnam", "enam"], paris)).toBe("enam");
    expect(nearestRegion(["sam"], paris)).toBe("sam");
  });

  test("does not depend on their order", () => {
    expect(nearestRegion(["weur", "enam"], paris)).toBe(nearestRegion(["enam", "weur"], paris));
  });
});

describe("without a place", () => {
  test.each([
    { continent: "EU", region: "weur" },
    { continent: "NA", region: "enam" },
    { continent: "SA", region: "sam" },
    { continent: "AF", region: "afr" },
    { continent: "OC", region: "oc" },
  ])("the continent decides: $continent is $region", ({ continent, region }) => {
    expect(nearestRegion(locationHints, { continent })).toBe(region);
  });

  test.each([
    { what: "nothing", at: {} },
    { what: "a place that is none", at: { latitude: "north", longitude: "" } },
    { what: "half a place", at: { latitude: "52.52" } },
    { what: "the Tor network (T1 is no continent)", at: { country: "T1", continent: "T1" } },
  ])("the first region is taken: $what is known", ({ at }) => {
    expect(nearestRegion(["oc", "weur"], at)).toBe("oc");
  });
});

test("where there are no regions, no isolate has one", () => {
  expect(nearestRegion([], paris)).toBeUndefined();
  expect(nearestRegion([], {})).toBeUndefined();
});
