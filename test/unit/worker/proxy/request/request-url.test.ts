/** What a request is for is decided once, in the form in which an origin will get it. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { isHost, readRequestUrl, type RequestUrl } from "../../../../../worker/proxy/request/request-url.ts";
import { anyCharacter } from "../../../../support/any-character.ts";

function parsed(text: string) {
  const { protocol, host, hostname, pathname, search } = new URL(text);
  return {
    scheme: protocol.slice(0, -1),
    authority: host,
    hostname: hostname.replace(/\.$/, ""),
    path: pathname,
    target: pathname + search,
  };
}

/** As workerd makes a request's URL: of the Host field and the target, with nothing done to either. */
function received(host: string, target: string): Request {
  const request = new Request("http://placeholder.test/", { headers: { Host: host } });
  return Object.defineProperty(request, "url", { value: `http://${host}${target}` });
}

/** The parts of a URL that came with no Host field, as another Worker sends it. */
function splitUrl(url: string): RequestUrl | undefined {
  return readRequestUrl(
    Object.defineProperty(new Request("http://placeholder.test/"), "url", { value: url }),
  );
}

test.each([
  "http://shop.example.com/",
  "https://shop.example.com:8443/a/b?x=1&y=/z?",
  "http://[2001:db8::1]:8080/p",
  "http://[2001:db8::1]/",
  "http://127.0.0.1:80/",
  "https://h:443/",
  "http://h/a:b//c/..%2f?q=http://other/",
  "http://SHOP.example.com./a",
  "http://h/a/./b/../c",
  "http://h/%2e%2e/%2E/etc",
  "http://h/../../etc/passwd",
  "http://h/a\\..\\b",
  "http://h/ü?ü",
])("%s is cut as it would be parsed", (text) => {
  expect(splitUrl(text)).toMatchObject(parsed(text));
});

test("any URL is cut as it would be parsed", () => {
  const segment = fc.stringMatching(/^[\w.~!$&'()*+,;=:@%-]{0,6}$/);
  const parameter = fc.oneof(
    fc.stringMatching(/^[\w.~!$&'()*+,;=:@%?/-]{0,9}$/),
    fc.string({ unit: anyCharacter }).map(encodeURIComponent),
  );
  const url = fc
    .tuple(
      fc.webAuthority({ withPort: true }),
      fc.array(segment, { maxLength: 5 }),
      fc.array(parameter, { maxLength: 3 }),
    )
    .map(([host, path, query]) => `http://${host}/${path.join("/")}?${query.join("&")}`)
    .filter((text) => URL.canParse(text));
  fc.assert(
    fc.property(url, (text) => {
      const { search } = new URL(text);
      const cut = splitUrl(text);
      expect({ ...cut, target: `${cut?.path}${search}` }).toMatchObject(parsed(text));
      expect([`${cut?.path}${search}`, `${cut?.path}?`]).toContain(cut?.target);
    }),
  );
});

test("a question mark without a query is passed on", () => {
  expect(splitUrl("http://h/a?")?.target).toBe("/a?");
  expect(splitUrl("http://h/%C3%A9?")?.target).toBe("/%C3%A9?");
});

test.each([
  ["/%69nternal/x", "/internal/x"],
  ["//internal///x", "/internal/x"],
  ["/a/..//%5fweir/api", "/_weir/api"],
  ["/./_weir/api", "/_weir/api"],
  ["/x/%2E./_weir/api", "/_weir/api"],
  ["/a%2Fb%20c", "/a%2Fb%20c"],
])("%s is routed as %s, whatever its spelling", (target, routingPath) => {
  expect(splitUrl(`http://h${target}`)?.routingPath).toBe(routingPath);
});

test.each(["foo bar", "a:99999", "a#b", "a?b", "u@a", "u:p@a", "a\\b", "a, b", "%41", "[::", "a:b"])(
  "a request for the host %j is for no route",
  (host) => {
    expect(readRequestUrl(received(host, "/x"))).toBeUndefined();
  },
);

test("a slash in the Host field is not found here: `isHost` finds it when the headers are read", () => {
  expect(readRequestUrl(received("a/b", "/x"))?.path).toBe("/b/x");
  expect(isHost("a/b")).toBe(false);
});

test("a target that is no path is for no route", () => {
  expect(readRequestUrl(received("h", "*"))).toBeUndefined();
});

test.each(["shop.example.com", "SHOP.example.com:8080", "[::1]:80", "127.0.0.1", "a_b", "a:"])(
  "the host %j is one",
  (host) => {
    expect(readRequestUrl(received(host, "/x"))?.path).toBe("/x");
  },
);
