import { expect, test } from "vitest";

import { routingPath, stemOf } from "../../../../core/routing/path.ts";

test.each([
  ["/plain/path", "/plain/path"],
  ["/%7Euser/%41", "/~user/A"],
  ["/a%2fb", "/a%2Fb"],
  ["/%c3%BC", "/%C3%BC"],
  ["//a///b/", "/a/b/"],
  ["/%zz%", "/%zz%"],
])("%s is compared as %s", (path, compared) => {
  expect(routingPath(path)).toBe(compared);
});

test.each([
  ["/api", "/api"],
  ["/api/", "/api"],
  ["/", ""],
])("the prefix %s stands for what begins with %j", (prefix, stem) => {
  expect(stemOf(prefix)).toBe(stem);
});
