/** Logins that belong to a connection: whose they are, and what of them is passed on. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  challengesOf,
  dropChallenges,
  loginOf,
  withoutForeignLogin,
} from "../../../../../worker/proxy/attempt/connection-login.ts";
import { mayHaveOwnConnection, wayTo } from "../../../../../worker/transport/connection-ways.ts";

const origin = (more: object = {}) => ({
  name: "a",
  url: "http://10.0.0.1",
  weight: 1,
  backup: false,
  via: "fetch" as const,
  connection: "auto" as const,
  ...more,
});
const own = { close: true, isStrict: true };
let lines: string[] = [];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => void vi.restoreAllMocks());

describe("credentials", () => {
  test.each([
    [null, "none"],
    ["Basic YTpi", "none"],
    ["bearer abc", "none"],
    ["Digest username=a", "none"],
    ["Token abc", "none"],
    ["AWS4-HMAC-SHA256 Credential=a", "none"],
    ["NTLM TlRMTVNTUAAB", "ntlm"],
    ["ntlm\tTlRMTVNTUAAB", "ntlm"],
    ["Negotiate YII", "negotiate"],
    ["NEGOTIATE", "negotiate"],
    ["Kerberos YII", "unknown"],
    ["NTLM,Basic YTpi", "ntlm"],
    ["Basic YTpi, NTLM TlRM", "ntlm"],
    ["Bearer abc, Negotiate YII", "negotiate"],
    ['Digest username="NTLM, x", realm="b", nc=1', "none"],
    ["AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c", "none"],
    ["", "unknown"],
    // Servers that take it apart at commas find a login in it.
    ['Basic "x, NTLM TlRM', "ntlm"],
    ['Digest username="a\\", Negotiate YII', "negotiate"],
    // An open quote makes nothing that would be taken off pass.
    ['NTLM TlRM, a="', "ntlm"],
    ['Negotiate YII, a="', "negotiate"],
    ['Basic "x', "unknown"],
  ] as const)("%j do this to their connection: %s", (authorization, login) => {
    expect(loginOf(authorization)).toBe(login);
  });

  const traveller = { isRepeatable: true, afterReset: false };

  test.each(["auto", "each", "reuse"] as const)(
    "that may log a connection in have one of their own, which no other request has, with connection: %j",
    (connection) => {
      const way = wayTo(origin({ connection }), "workerd", { ...traveller, logsIn: true }, 0);
      expect(way).toEqual({ kind: "own", close: true, watch: false, only: true });
    },
  );

  test("others go as ever", () => {
    expect(wayTo(origin({ connection: "reuse" }), "workerd", { ...traveller, logsIn: false }, 0).kind).toBe(
      "fetch",
    );
  });

  test.each([
    [origin(), "workerd", true],
    [origin({ via: { binding: "VPC" } }), "workerd", false],
    [origin({ via: { binding: "VPC" }, connection: "each" }), "edge", true],
    [origin(), "edge", false],
  ] as const)("by %j on %s there can be such a connection: %s", (given, platform, can) => {
    expect(mayHaveOwnConnection(given, platform)).toBe(can);
  });

  const request = (authorization: string, more: Record<string, string> = {}) => ({
    login: loginOf(authorization),
    headers: new Headers({ Authorization: authorization, ...more }),
  });

  test.each([
    ["Negotiate YII", {}, own, "Negotiate YII"],
    ["Negotiate YII", {}, undefined, null],
    ["Negotiate YII", { Upgrade: "websocket" }, own, null],
    ["NTLM TlRM", {}, own, null],
    ["NTLM TlRM", {}, undefined, null],
    ["Basic YTpi", {}, undefined, "Basic YTpi"],
    ["Kerberos YII", {}, undefined, "Kerberos YII"],
  ] as const)(
    "%s with %j on the connection %j reach the origin as %j",
    (authorization, more, way, arrives) => {
      const sent = request(authorization, more);
      const got = withoutForeignLogin(sent, { upstream: "s", origin: origin(), own: way });
      expect(got.get("Authorization")).toBe(arrives);
      // Another attempt goes to another origin.
      expect(sent.headers.get("Authorization")).toBe(authorization);
      expect(lines).toHaveLength(arrives === null ? 1 : 0);
    },
  );

  test("that are taken off are told of in the log, once for each origin and scheme, without a word of theirs", () => {
    const facts = { upstream: "s", origin: origin(), own: undefined };
    for (const secret of ["NTLM c2VjcmV0", "NTLM c2VjcmV0", "Negotiate c2VjcmV0"]) {
      withoutForeignLogin(request(secret), facts);
    }
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { event: "login-refused", upstream: "s", origin: "a", scheme: "ntlm" },
      { event: "login-refused", upstream: "s", origin: "a", scheme: "negotiate" },
    ]);
    expect(lines.join()).not.toContain("c2VjcmV0");
  });
});

describe("challenges", () => {
  test.each([
    ["NTLM", ["ntlm"]],
    ['Negotiate, NTLM, Basic realm="a, NTLM, b", charset="UTF-8"', ["negotiate", "ntlm", "basic"]],
    ['NTLM TlRMTVNTUAAC==, Digest realm = "x\\"y, z" , nonce=1', ["ntlm", "digest"]],
    [", ,Basic realm=a", ["basic"]],
    ['Basic realm="', ["basic"]],
  ])("%s are of %j", (value, schemes) => {
    expect(challengesOf(value).map(({ scheme }) => scheme)).toEqual(schemes);
  });

  test.each([
    ["NTLM", "workerd", null],
    ["Negotiate, NTLM", "workerd", "Negotiate"],
    ["Negotiate, NTLM", "edge", null],
    [
      'Negotiate, Basic realm="a, NTLM", charset="UTF-8", NTLM',
      "edge",
      'Basic realm="a, NTLM", charset="UTF-8"',
    ],
    ["Basic  realm=a,charset=b", "edge", "Basic  realm=a,charset=b"],
  ] as const)("%s on %s reach the client as %j", (value, platform, arrives) => {
    const headers = new Headers({ "WWW-Authenticate": value });
    dropChallenges(headers, { upstream: "s", origin: origin(), platform });
    expect(headers.get("WWW-Authenticate")).toBe(arrives);
  });
});
