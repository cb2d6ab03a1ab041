/** Values may have any bytes above 0x7F (RFC 9110 §5.5): they come out as they went in, also where Weir would have written the field again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { sendRequest, values } from "../support/raw.ts";
import { startRawOrigin, type RawOrigin } from "../support/raw-origin.ts";
import { startStack, type Stack } from "../support/stack.ts";

let origin: RawOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startRawOrigin();
  const upstream = (connection: "auto" | "each" | "reuse") => ({
    sticky: { cookie: `weir-${connection}` },
    pools: [{ name: "home", origins: [{ name: "one", url: origin.url, connection }] }],
    health: false as const,
    passive: false as const,
    errors: { intercept: [503] },
    rewrite: { cookieDomains: { "inner.test": "" } },
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: { auto: upstream("auto"), each: upstream("each"), reuse: upstream("reuse") },
      routes: [
        { upstream: "auto" },
        { host: "each.test", upstream: "each" },
        { host: "reuse.test", upstream: "reuse" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

const seen = (): string => origin.requests.at(-1)?.text ?? "";

describe.each(["auto", "each", "reuse"])("towards an origin with connection: %j", (connection) => {
  const send = (...lines: string[]) =>
    sendRequest(stack.url, ["GET /x HTTP/1.1", `Host: ${connection}.test`, ...lines]);

  test("every field keeps its bytes, those of the session's client too", async () => {
    const [cookie = ""] = values(await send(), "set-cookie");
    const own = cookie.slice(0, cookie.indexOf(";"));
    expect(own).toContain(`weir-${connection}=`);
    await send(`Cookie: n=Jos\xe9; ${own}; m=\xff\x80`, "X-Name: Jos\xe9", "Via: 1.1 caf\xe9");
    const [sent = ""] = values(seen(), "cookie");
    // The session's own goes along, sealed, for what is not written again loses no byte.
    expect(sent).toBe(`n=Jos\xe9; ${own}; m=\xff\x80`);
    expect([values(seen(), "x-name"), values(seen(), "via")]).toEqual([["Jos\xe9"], ["1.1 caf\xe9"]]);
  });

  test("what is UTF-8 is kept, and the session's own cookie is taken off", async () => {
    const [cookie = ""] = values(await send(), "set-cookie");
    await send(`Cookie: n=Jos\xc3\xa9; ${cookie.slice(0, cookie.indexOf(";"))}`);
    expect(values(seen(), "cookie")).toEqual(["n=Jos\xc3\xa9"]);
  });
});

describe("towards a client, on a connection that is shared", () => {
  const answered = (path: string) =>
    sendRequest(stack.url, [`GET ${path} HTTP/1.1`, "Host: reuse.test", "Connection: close"]);
  const answer = (path: string, status: string, ...fields: string[]): void =>
    origin.answer(path, [`HTTP/1.1 ${status}`, ...fields, "Content-Length: 0", "", ""].join("\r\n"));

  test("cookies and redirects keep their bytes, and then are not written again", async () => {
    const cookies = ["a=Jos\xe9; Domain=inner.test", "b=2; Domain=inner.test"];
    const location = `${origin.url}/caf\xe9`;
    answer("/told", "302 Found", ...cookies.map((each) => `Set-Cookie: ${each}`), `Location: ${location}`);
    const got = await answered("/told");
    expect(values(got, "set-cookie").slice(0, 2)).toEqual(cookies);
    expect(values(got, "location")).toEqual([location]);
  });

  test("cookies that are UTF-8 are written again", async () => {
    answer("/utf8", "200 OK", "Set-Cookie: a=Jos\xc3\xa9; Domain=inner.test");
    expect(values(await answered("/utf8"), "set-cookie")[0]).toBe("a=Jos\xc3\xa9");
  });

  test("what is kept of an answer that is replaced keeps its bytes", async () => {
    const kept = ["Set-Cookie: a=Jos\xe9", 'WWW-Authenticate: Basic realm="caf\xe9"'];
    answer("/busy", "503 Busy", ...kept, "X-Name: dropped");
    const got = await answered("/busy");
    expect(values(got, "set-cookie")[0]).toBe("a=Jos\xe9");
    expect(values(got, "www-authenticate")).toEqual(['Basic realm="caf\xe9"']);
    expect(got).not.toContain("dropped");
  });
});
