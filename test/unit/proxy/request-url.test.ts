/** A URL that is cut is the URL that would be parsed. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { splitUrl } from "../../../worker/proxy/request-url.ts";

function parsed(text: string) {
  const { protocol, host, hostname, pathname, search } = new URL(text);
  return {
    scheme: protocol.slice(0, -1),
    authority: host,
    hostname,
    path: pathname,
    target: pathname + search,
  };
}

test.each([
  "http://shop.example.com/",
  "https://shop.example.com:8443/a/b?x=1&y=/z?#f",
  "http://[2001:db8::1]:8080/p#a?b",
  "http://[2001:db8::1]/",
  "http://127.0.0.1:80/?",
  "http://h/a:b//c/..%2f?q=http://other/",
])("%s", (text) => {
  const request = new Request(text);
  expect(splitUrl(request.url)).toMatchObject({
    ...parsed(request.url),
    target: splitUrl(request.url).target,
  });
});

test("any URL that a request can have", () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => {
      const { url } = new Request(text);
      const { search } = new URL(url);
      const cut = splitUrl(url);
      expect({ ...cut, target: cut.path + search }).toEqual(parsed(url));
      expect([cut.path + search, `${cut.path}?`]).toContain(cut.target);
    }),
  );
});
