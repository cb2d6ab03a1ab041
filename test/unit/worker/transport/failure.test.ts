/** The classifier of failures, as a table: what the platform says, and what Weir makes of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  classifyHandshake,
  classifyResponse,
  classifyThrown,
  type TransportFailure,
} from "../../../../worker/transport/failure.ts";
import { TransportMisconfigured } from "../../../../worker/transport/transport.ts";

type Verdict = readonly [TransportFailure["kind"], TransportFailure["sent"]];

/** As workerd throws it: `retryable` is set on most errors, time-outs included, and must not count. */
function runtimeError(message: string, extra: object = { retryable: true }): Error {
  return Object.assign(new Error(message), extra);
}

function verdict({ kind, sent }: TransportFailure): Verdict {
  return [kind, sent];
}

const answer = (status: number, headers: HeadersInit = {}) => ({
  status,
  webSocket: null,
  headers: new Headers(headers),
});

describe("an error of the runtime", () => {
  test.each<readonly [string, unknown, ...Verdict]>([
    ["a connection refused or cut", runtimeError("Network connection lost."), "reset", "maybe"],
    [
      "an internal error: DNS, TLS or policy, self-hosted",
      runtimeError("internal error; reference = abc123"),
      "unreachable",
      "maybe",
    ],
    ["too many subrequests", runtimeError("Too many subrequests."), "rejected", "no"],
    [
      "AbortSignal.timeout()",
      new DOMException("The operation was aborted due to timeout", "TimeoutError"),
      "timeout",
      "maybe",
    ],
    ["an abort", new DOMException("The client has disconnected", "AbortError"), "aborted", "maybe"],
    ["a URL that is none", new TypeError("Invalid URL: nonsense"), "unsendable", "no"],
    [
      "a body sent twice",
      new TypeError("This ReadableStream is disturbed (has already been read from)"),
      "unsendable",
      "no",
    ],
    ["a missing binding", new TransportMisconfigured("VPC", undefined), "misconfigured", "no"],
    ["a bound Worker that threw", runtimeError("boom", { remote: true }), "reset", "maybe"],
    [
      "a bound Worker that threw a TypeError",
      Object.assign(new TypeError("boom"), { remote: true }),
      "reset",
      "maybe",
    ],
    ["words never seen before", new RangeError("the moon is full"), "unreachable", "maybe"],
    ["a string", "because", "unreachable", "maybe"],
    ["nothing", undefined, "unreachable", "maybe"],
  ])("%s", (_name, error, kind, sent) => {
    expect(verdict(classifyThrown(error))).toEqual([kind, sent]);
  });

  test("is a time-out before it is anything else", () => {
    const timeout = Object.assign(new DOMException("dns_error", "TimeoutError"), {
      retryable: true,
      remote: true,
    });
    expect(classifyThrown(timeout)).toEqual({ kind: "timeout", sent: "maybe", detail: "no answer in time" });
  });
});

describe("an error of a VPC binding", () => {
  test.each<readonly [string, ...Verdict]>([
    ["connection_refused", "refused", "no"],
    ["connection_terminated", "reset", "maybe"],
    ["connection_timeout", "timeout", "no"],
    ["connection_limit_reached", "rejected", "no"],
    ["connection_read_timeout", "timeout", "maybe"],
    ["destination_unavailable", "unreachable", "no"],
    ["destination_not_found", "unreachable", "no"],
    ["destination_ip_prohibited", "rejected", "no"],
    ["dns_error", "dns", "no"],
    ["dns_timeout", "dns", "no"],
    ["tls_protocol_error", "tls", "maybe"],
    ["tls_certificate_error", "tls", "no"],
    ["http_upgrade_failed", "reset", "maybe"],
    ["http_response_incomplete", "reset", "maybe"],
    ["rate_limited", "rejected", "maybe"],
    ["proxy_internal_error", "unreachable", "maybe"],
    ["a_code_of_tomorrow", "unreachable", "maybe"],
  ])("%s, in the message or as the code", (type, kind, sent) => {
    expect(verdict(classifyThrown(new Error(`ProxyError: ${type}`)))).toEqual([kind, sent]);
    expect(verdict(classifyThrown(runtimeError("it failed", { code: type })))).toEqual([kind, sent]);
  });
});

describe("the detail of a failure", () => {
  test("names the error type or the platform's reference", () => {
    expect(classifyThrown(new Error("ProxyError: dns_error")).detail).toBe("dns_error");
    expect(classifyThrown(new Error("internal error; reference = abc123")).detail).toBe(
      "internal error abc123",
    );
  });

  test("never repeats what was thrown, and is short", () => {
    const secret = "hunter2hunter2";
    const thrown = fc.oneof(
      fc.string().map((text) => new Error(`${text}https://user:${secret}@host/${text}`)),
      fc.string().map((text) => new TypeError(`${text} ${secret}`)),
      fc.string().map((text) => runtimeError(`${secret} ${text}`, { remote: true })),
      fc.string().map((text) => runtimeError("x", { code: `${secret} ${text}` })),
      fc.string().map((text) => runtimeError("x", { name: text.repeat(50) })),
      fc.anything(),
    );
    fc.assert(
      fc.property(thrown, (error) => {
        const { detail } = classifyThrown(error);
        expect(detail).not.toContain(secret);
        expect(detail.length).toBeLessThanOrEqual(60);
        expect(detail).toMatch(/^[\w .-]*$/);
      }),
    );
  });
});

describe("a status", () => {
  test.each<readonly [number, ...Verdict]>([
    [520, "reset", "maybe"],
    [521, "refused", "no"],
    [522, "timeout", "maybe"],
    [523, "unreachable", "no"],
    [524, "timeout", "maybe"],
    [525, "tls", "no"],
    [526, "tls", "no"],
    [527, "reset", "maybe"],
    [530, "unreachable", "no"],
  ])("%i on public fetch is the edge's word for a failure", (status, kind, sent) => {
    expect(classifyResponse(answer(status), { via: "fetch" }, "edge")).toEqual({
      kind,
      sent,
      detail: `status ${status}`,
    });
  });

  test.each([200, 304, 404, 500, 502, 503, 504, 519, 528, 529, 531, 599])("%i is an answer", (status) => {
    expect(classifyResponse(answer(status), { via: "fetch" }, "edge")).toBeUndefined();
  });

  test.each(["fetch", { binding: "VPC" }] as const)(
    "above 599 is not valid, via %o: it could not be passed on",
    (via) => {
      expect(classifyResponse(answer(999), { via }, "edge")).toMatchObject({ kind: "reset", sent: "maybe" });
    },
  );

  test("is the origin's own on a workerd of one's own, where no edge could have answered", () => {
    for (let status = 200; status < 600; status++) {
      expect(classifyResponse(answer(status), { via: "fetch" }, "workerd")).toBeUndefined();
    }
    expect(classifyResponse(answer(999), { via: "fetch" }, "workerd")).toMatchObject({ kind: "reset" });
  });

  test.each(["foo", "gzip, chunked", "gzip", "identity", "chunked, chunked", ""])(
    "coded for its transfer by %j is not valid: it would not be decoded, and its body would be passed on as it is",
    (coding) => {
      const coded = { ...answer(200), headers: new Headers({ "Transfer-Encoding": coding }) };
      expect(classifyResponse(coded, { via: "fetch" }, "workerd")).toEqual({
        kind: "malformed",
        sent: "maybe",
        detail: "unknown transfer coding",
      });
    },
  );

  test("in chunks is an answer", () => {
    const coded = { ...answer(200), headers: new Headers({ "Transfer-Encoding": "Chunked" }) };
    expect(classifyResponse(coded, { via: "fetch" }, "workerd")).toBeUndefined();
  });

  test("that switches protocols unasked is none", () => {
    expect(classifyResponse(answer(101), { via: "fetch" }, "edge")).toMatchObject({
      kind: "reset",
      sent: "maybe",
    });
  });

  test("behind a binding is the origin's own, whatever it is", () => {
    for (let status = 200; status < 600; status++) {
      expect(classifyResponse(answer(status), { via: { binding: "VPC" } }, "edge")).toBeUndefined();
    }
  });
});

describe("where the edge is in between", () => {
  test("a binding with a client certificate has the edge's statuses too", () => {
    const via = { binding: "CERT", kind: "mtls" } as const;
    expect(classifyResponse(answer(521), { via }, "edge")).toMatchObject({ kind: "refused", sent: "no" });
    const network = { binding: "VPC", kind: "vpc-network" } as const;
    expect(classifyResponse(answer(521), { via: network }, "edge")).toBeUndefined();
  });
});

describe("Access", () => {
  const access = { id: "id", secret: "secret" };
  const login = { Location: "https://team-1.cloudflareaccess.com/cdn-cgi/access/login/x" };

  test("that does not know the token is a refusal of something that was not sent, not an answer", () => {
    const refused = { kind: "rejected", sent: "no", detail: "not admitted by Access" };
    expect(classifyResponse(answer(302, login), { via: "fetch", access }, "edge")).toEqual(refused);
    expect(classifyResponse(answer(302, login), { via: "fetch", access }, "workerd")).toEqual(refused);
  });

  test.each([
    [answer(302, login), { via: "fetch" as const }],
    [answer(302, { Location: "https://cloudflareaccess.com.evil.test/" }), { via: "fetch" as const, access }],
    [answer(302), { via: "fetch" as const, access }],
    [answer(200, login), { via: "fetch" as const, access }],
  ])("is not suspected of an application's own redirects: %#", (response, origin) => {
    expect(classifyResponse(response, origin, "edge")).toBeUndefined();
  });
});

describe("an answer to the opening of a WebSocket", () => {
  const opening = new Headers({ Upgrade: "websocket" });

  test("is the runtime's own word if it is a 502 without a field", () => {
    const answer502 = new Response(null, { status: 502 });
    expect(classifyHandshake(opening, answer502)).toMatchObject({ kind: "reset", sent: "maybe" });
    expect(classifyHandshake(new Headers(), answer502)).toBeUndefined();
  });

  test.each([
    [502, { Server: "nginx" }],
    [403, {}],
    [200, {}],
  ])("is the origin's if it is a %i with %o", (status, headers: Record<string, string>) => {
    expect(classifyHandshake(opening, new Response(null, { status, headers }))).toBeUndefined();
  });
});
