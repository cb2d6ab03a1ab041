/** URLs as other proxies have them: what to write instead. */
import { expect, test } from "vitest";
import { parseConfig } from "../../../../../worker/config/parse/parse.ts";
import { parseOriginUrl } from "../../../../../worker/config/kinds/origin-url.ts";
import { withOrigin } from "../example-config.ts";

test.each([
  ["uwsgi://127.0.0.1:8001", /http-socket = .* instead of socket = .*"http:\/\/127\.0\.0\.1:8080"/],
  ["fastcgi://127.0.0.1:9000", /a web server that stands before that one/],
  ["unix:/run/app.sock", /no Unix socket: let the server listen on a port/],
  ["/run/app.sock", /no Unix socket/],
  ["http://unix:/run/app.sock", /no Unix socket/],
  ["tcp://127.0.0.1:8080", /"http:\/\/" instead of "tcp:\/\/"/],
  ["ws://127.0.0.1:8080", /WebSockets pass through/],
  ["127.0.0.1:8080", /a scheme, too/],
  ["localhost:8080", /a scheme, too/],
  ["[::1]:8080/shop", /a scheme, too/],
  ["http://127.0.0.1:310800", /a port from 1 to 65535/],
  ["http://127.0.0.1:65536/", /a port from 1 to 65535/],
  ["http://127.0.0.1:0", /a port from 1 to 65535/],
  ["grpc://127.0.0.1:50051", /trailers are lost/],
])("%s, as other proxies have it, is refused with what to write instead", (url, expected) => {
  const parsed = parseConfig(withOrigin({ url }), () => undefined);
  expect(parsed).toMatchObject({ ok: false, issues: [{ expected: expect.stringMatching(expected) }] });
});

test("a host that is called unix is one like any other", () => {
  expect(parseOriginUrl("http://unix:8080/shop/")).toBe("http://unix:8080/shop");
});
