/** What a bad probe says to the operator of the origin. */
import { describe, expect, it } from "vitest";
import { probeHint, type ProbeSeen } from "../../../../worker/transport/probe-hint.ts";

const health = { path: "/healthz", method: "GET", headers: {} };
const hint = (seen: ProbeSeen, url = "http://127.0.0.1:8080", path = health.path): string | undefined =>
  probeHint(seen, { origin: { url }, health: { ...health, path } });

describe("the hint of a bad probe", () => {
  it.each([
    [
      "400 names the Host that the probe says, and ALLOWED_HOSTS without the port",
      { status: 400 },
      /"Host: 127\.0\.0\.1:8080".*add "127\.0\.0\.1" to ALLOWED_HOSTS.*X-Forwarded-Host/,
    ],
    ["421 is about Host, too", { status: 421 }, /"Host: 127\.0\.0\.1:8080"/],
    ["401 asks for a page without a login", { status: 401 }, /health\.path to a page that needs none/],
    ["403 asks for that, or says that Rails checks hosts", { status: 403 }, /login.*config\.hosts/],
    ["404 asks for another path", { status: 404 }, /set health\.path/],
    ["405 names the method", { status: 405 }, /does not take GET/],
    ["429 asks for an exemption", { status: 429 }, /exempt/],
    ["500 leads to the server's log", { status: 500 }, /the server's own log/],
    ["502 leads behind the gateway", { status: 502 }, /behind it/],
    ["204 leads to health.expect", { status: 204 }, /health\.expect/],
    ["nothing listens on the port", { failure: "refused" }, /Nothing listens on 127\.0\.0\.1:8080/],
    [
      "a lost connection may be uWSGI's own protocol",
      { failure: "reset" },
      /nothing listens.*http-socket, not on socket/,
    ],
    ["so may silence", { failure: "timeout" }, /health\.timeout.*http-socket/],
    ["a name", { failure: "dns" }, /cannot be resolved/],
    ["a certificate", { failure: "tls" }, /certificate.*NODE_EXTRA_CA_CERTS/],
    ["a binding", { failure: "misconfigured" }, /via/],
  ] satisfies [string, ProbeSeen, RegExp][])("%s", (_, seen, expected) => {
    expect(hint(seen)).toMatch(expected);
  });

  it.each([
    ["https", "https://127.0.0.1:8080/healthz", /SECURE_SSL_REDIRECT.*"X-Forwarded-Proto": "https"/],
    ["a slash at the end", "/healthz/", /slash at the end/],
    ["a login", "/accounts/login/?next=/healthz", /a login/],
    ["elsewhere", "/elsewhere", /It redirects/],
    ["what is no URL", "http://", /It redirects/],
    ["nowhere", null, /redirect|slash/],
  ])("of a redirect to %s", (_, location, expected) => {
    expect(hint({ status: 302, location })).toMatch(expected);
  });

  it("asks for https where the port is TLS's", () => {
    expect(hint({ status: 400 }, "http://10.0.0.5:443")).toContain("write https://");
    expect(hint({ failure: "reset" }, "http://10.0.0.5:8443")).toContain("write https://");
    expect(hint({ status: 400 }, "https://10.0.0.5:8443")).not.toContain("write https://");
  });

  it("of no way to an origin says what that may be, by its scheme", () => {
    expect(hint({ failure: "unreachable" }, "https://shop.test")).toContain("certificate");
    expect(hint({ failure: "unreachable" })).not.toContain("certificate");
  });

  it("names the Host that the origin is told, if that is another one", () => {
    const origin = { url: "http://10.0.0.5:8080", host: { literal: "www.shop.test" } };
    expect(probeHint({ status: 400 }, { origin, health })).toContain('"Host: www.shop.test"');
  });

  it("repeats neither the path, nor a header, nor where a redirect leads", () => {
    const seen: ProbeSeen[] = [
      ...[302, 400, 401, 403, 404, 405, 429, 500, 503, 299].map((status) => ({
        status,
        location: "/l?t=secret",
      })),
      ...(
        ["refused", "reset", "timeout", "dns", "tls", "unreachable", "rejected", "unsendable"] as const
      ).map((failure) => ({ failure })),
    ];
    for (const one of seen) {
      const asked = {
        origin: { url: "http://10.0.0.5/secret" },
        health: { ...health, path: "/x?token=secret", headers: { A: "secret" } },
      };
      expect(probeHint(one, asked)).not.toContain("secret");
    }
  });
});
