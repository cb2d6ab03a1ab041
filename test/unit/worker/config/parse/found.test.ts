/** What an issue shows of a value: all of what is no secret, and nothing of what is one or may be one. */
import { expect, test } from "vitest";
import * as z from "zod";
import { secretText } from "../../../../../worker/config/kinds/fields.ts";
import { describeFound, isSecretAt } from "../../../../../worker/config/parse/found.ts";
import { listOf, optional, section, switchable } from "../../../../../worker/config/section.ts";

const key = optional(
  secretText("a key", () => true),
  "none",
);
const site = section("Site", { key, url: optional(z.string(), "none") });
const root = section("Root", {
  site: optional(switchable(site), "none"),
  sites: optional(listOf(site, 0, 9, "sites"), "none"),
  note: optional(z.string(), "none"),
});

test.each([
  ["a text", { note: "a" }, ["note"], '"a"'],
  ["nothing", {}, ["note"], "nothing"],
  ["a secret", { site: { key: "hunter2" } }, ["site", "key"], '"***"'],
  ["what is within a secret", { site: { key: ["hunter2"] } }, ["site", "key"], '["***"]'],
  ["a secret in a list", { sites: [{ key: 42 }] }, ["sites"], '[{"key":"***"}]'],
  ["a text in the place of a section with a secret", { sites: ["hunter2"] }, ["sites"], '["***"]'],
  ["what no section describes", { more: "hunter2" }, ["more"], '"***"'],
  ["the reference to a secret", { site: { key: "${ENV:KEY}" } }, ["site", "key"], '"${ENV:KEY}"'],
  ["credentials", { site: { url: "http://u:hunter2@a/?b" } }, ["site", "url"], '"http://***@a/?***"'],
  ["the query of a path", { note: "/up?token=hunter2" }, ["note"], '"/up?***"'],
  ["what is neither text nor number", { site: { key: true } }, ["site", "key"], "true"],
])("%s", (_, written, path, shown) => {
  expect(describeFound(written, path, root)).toBe(shown);
});

test("a secret is told by the part that describes its place", () => {
  expect(isSecretAt(["site", "key"], root)).toBe(true);
  expect(isSecretAt(["sites", 0, "key"], root)).toBe(true);
  expect(isSecretAt(["site", "url"], root)).toBe(false);
  expect(isSecretAt(["more"], root)).toBe(false);
});
