/**
 * Servers that are not part of this project, each asked directly and through Weir: what comes out must be the same, but for what Weir
 * documents that it changes. `npm run servers` installs them; what is missing is skipped.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { isInstalled } from "../servers/debian.ts";
import { startApache, startDjango, startNginx, startPython } from "../servers/start.ts";
import { ask, json, type Ask, type Got } from "../support/ask.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { startStack, type Stack } from "../support/stack.ts";

const starts = { nginx: startNginx, apache: startApache, python: startPython, django: startDjango };
type ServerName = keyof typeof starts;
const names = (Object.keys(starts) as ServerName[]).filter((name) => isInstalled[name]);

/** When the files were changed last. */
const lastYear = new Date("2025-06-01T12:00:00Z");

let folder: string;
let stack: Stack | undefined;
const servers = new Map<ServerName, ServerProcess>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-servers-"));
  const files = join(folder, "files");
  await mkdir(join(files, "sub"), { recursive: true });
  const contents = {
    "page.html": "<!doctype html><title>a page</title>",
    "style.css": "body { color: teal }\n".repeat(500),
    "random.bin": randomBytes(1_000_000),
    "empty.txt": "",
    "sub/with space & ünicode.txt": "found",
  };
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(files, name), content);
    // Apache's ETag of a file is a weak one while that has changed within the last second.
    await utimes(join(files, name), lastYear, lastYear);
  }
  for (const name of names) {
    const own = join(folder, name);
    await mkdir(own);
    servers.set(name, await starts[name](own, files));
  }
  if (names.length === 0) return;
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        names.map((name) => [
          name,
          { pools: [{ name: "home", origins: [{ name, url: urlOf(name) }] }], health: false },
        ]),
      ),
      routes: names.map((name) => ({ host: `${name}.test`, upstream: name })),
    }),
  });
});

afterAll(async () => {
  await stack?.stop();
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (name: ServerName): string => servers.get(name)?.url ?? expect.fail(`${name} does not run`);
const weirUrl = (): string => stack?.url ?? expect.fail("Weir does not run");

/** Asks the server, and asks Weir for the same. */
async function askBoth(
  name: ServerName,
  path: string,
  options: Ask = {},
): Promise<{ direct: Got; through: Got }> {
  const headers = { ...options.headers, host: `${name}.test` };
  const [direct, through] = await Promise.all([
    ask(`${urlOf(name)}${path}`, options),
    ask(`${weirUrl()}${path}`, { ...options, headers }),
  ]);
  return { direct, through };
}

/** What is of one connection, of one moment, or Weir's own. */
const differs = new Set(["connection", "keep-alive", "transfer-encoding", "date", "x-request-id"]);

function comparable({ status, headers, body }: Got): object {
  const kept = Object.entries(headers).filter(([name]) => !differs.has(name));
  return { status, headers: Object.fromEntries(kept), sha256: sha256(body), bytes: body.length };
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const files: readonly (readonly [string, Ask])[] = [
  ["/page.html", {}],
  ["/style.css", {}],
  ["/random.bin", {}],
  ["/empty.txt", {}],
  ["/sub/with%20space%20&%20%C3%BCnicode.txt", {}],
  ["/missing", {}],
  ["/random.bin", { method: "HEAD" }],
  ["/random.bin?a=1&a=2&b=%2F+%20", {}],
  ["/style.css", { headers: { "accept-encoding": "gzip, br, zstd" } }],
];

const ranged: readonly (readonly [string, Ask])[] = [
  ["/random.bin", { headers: { range: "bytes=10-19" } }],
  ["/random.bin", { headers: { range: "bytes=-5" } }],
  ["/random.bin", { headers: { range: "bytes=2000000-" } }],
  ["/random.bin", { headers: { range: "bytes=0-9", "if-range": '"of another version"' } }],
  ["/random.bin", { headers: { "if-none-match": "*" } }],
];

describe.each([
  ["nginx", [...files, ...ranged, ["/compressed/style.css", { headers: { "accept-encoding": "gzip" } }]]],
  [
    "nginx",
    [
      ["/list/", {}],
      ["/nothing", {}],
      ["/gone", {}],
      ["/cookies", {}],
      ["/page.html", { method: "DELETE" }],
    ],
  ],
  ["apache", [...files, ...ranged, ["/compressed/style.css", { headers: { "accept-encoding": "gzip" } }]]],
  [
    "apache",
    [
      ["/sub/", {}],
      ["/page.html", { method: "OPTIONS" }],
      ["/page.html", { method: "PATCH", body: "x" }],
    ],
  ],
  ["python", files],
] as const satisfies readonly (readonly [ServerName, readonly (readonly [string, Ask])[]])[])(
  "%s, asked directly and through Weir",
  (name, asked) => {
    test.skipIf(!isInstalled[name]).each(asked)(
      "%s %j: the same status, headers and bytes",
      async (path, options) => {
        const { direct, through } = await askBoth(name, path, options);
        expect(comparable(through)).toEqual(comparable(direct));
      },
    );
  },
);

describe.skipIf(!isInstalled.apache)("Apache", () => {
  test("an answer of several ranges is the same, but for the boundary that it chooses", async () => {
    const { direct, through } = await askBoth("apache", "/random.bin", {
      headers: { range: "bytes=0-9,100-109,-5" },
    });
    const withoutBoundary = ({ headers, body }: Got): string => {
      const boundary =
        /boundary=(\S+)/.exec(headers["content-type"] ?? "")?.[1] ?? expect.fail("no boundary");
      return body.toString("latin1").replaceAll(boundary, "");
    };
    expect(through.status).toBe(206);
    expect(withoutBoundary(through)).toBe(withoutBoundary(direct));
  });

  test("a redirect to a directory stays with Weir", async () => {
    const { status, headers } = await ask(`${weirUrl()}/sub`, { headers: { host: "apache.test" } });
    expect(status).toBe(301);
    const location = new URL(headers.location ?? "", "http://apache.test/");
    expect([location.hostname, location.pathname]).toEqual(["apache.test", "/sub/"]);
  });

  test("what has not changed is not sent again", async () => {
    const first = await ask(`${weirUrl()}/page.html`, { headers: { host: "apache.test" } });
    const etag = first.headers.etag ?? expect.fail("no ETag");
    const again = await ask(`${weirUrl()}/page.html`, {
      headers: { host: "apache.test", "if-none-match": etag },
    });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });
});

describe.skipIf(!isInstalled.django)("Django", () => {
  const django = (path: string, options: Ask = {}): Promise<Got> =>
    ask(`${weirUrl()}${path}`, { ...options, headers: { ...options.headers, host: "django.test" } });

  const cookieOf = ({ headers }: Got): string =>
    (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";", 1)[0]).join("; ");

  const post = (path: string, body: string, headers: Record<string, string>): Promise<Got> =>
    django(path, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });

  test("a session lives in its cookie, a form is taken with its token, and its redirect leads on", async () => {
    const form = await django("/basket/");
    const { token, basket } = json(form) as { token: string; basket: string[] };
    expect(basket).toEqual([]);
    const bought = await post("/buy/", `csrfmiddlewaretoken=${token}&what=a+l%C3%A4mp`, {
      cookie: cookieOf(form),
    });
    expect([bought.status, bought.headers.location]).toEqual([302, "/basket/"]);
    const after = await django("/basket/", { headers: { cookie: cookieOf(bought) } });
    expect(json(after)).toMatchObject({ basket: ["a lämp"] });
  });

  test("a form without its token is refused, in the application's own words", async () => {
    const refused = await post("/buy/", "what=lamp", {});
    expect(refused.status).toBe(403);
    expect(refused.body.toString()).toContain("CSRF");
  });

  test("an absolute redirect leads to Weir, not past it", async () => {
    const { status, headers } = await django("/permanent/");
    const location = new URL(headers.location ?? "", "http://django.test/");
    expect([status, location.hostname, location.pathname]).toEqual([301, "django.test", "/basket/"]);
  });

  test("an upload of three megabytes arrives as it was sent", async () => {
    const { token, cookie } = await form();
    const file = randomBytes(3_000_000);
    const boundary = "----of-the-tests";
    const part = (head: string, body: Buffer | string): Buffer =>
      Buffer.concat([
        Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
        Buffer.from(body),
        Buffer.from("\r\n"),
      ]);
    const body = Buffer.concat([
      part('Content-Disposition: form-data; name="csrfmiddlewaretoken"', token),
      part(
        'Content-Disposition: form-data; name="file"; filename="photo.raw"\r\nContent-Type: image/x-raw',
        file,
      ),
      Buffer.from(`--${boundary}--\r\n`),
    ]);
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}`, cookie };
    const sent = await django("/upload/", { method: "POST", body, headers });
    expect(json(sent)).toEqual({ name: "photo.raw", size: file.length, sha256: sha256(file) });
  });

  test("an answer in pieces arrives in pieces: the first long before the last", async () => {
    const arrivals = await new Promise<{ text: string; atMs: number }[]>((resolve, reject) => {
      const seen: { text: string; atMs: number }[] = [];
      get(`${weirUrl()}/pieces/`, { headers: { host: "django.test" } }, (response) => {
        response.on("data", (chunk: Buffer) =>
          seen.push({ text: chunk.toString(), atMs: performance.now() }),
        );
        response.on("end", () => resolve(seen));
        response.on("error", reject);
      }).on("error", reject);
    });
    expect(arrivals.map(({ text }) => text).join("")).toBe(
      Array.from({ length: 10 }, (_, nth) => `piece ${nth}\n`).join(""),
    );
    expect(arrivals.length).toBeGreaterThan(1);
    expect((arrivals.at(-1)?.atMs ?? 0) - (arrivals[0]?.atMs ?? 0)).toBeGreaterThan(500);
  });

  test("the application sees where a request comes from by Weir's word, and nothing of Weir's own", async () => {
    const forged = {
      "x-forwarded-for": "6.6.6.6",
      "x-weir-pool": "cloud",
      "x-real-ip": "6.6.6.6",
      forwarded: "for=6.6.6.6",
    };
    const { meta } = json(await django("/seen/?a=1", { headers: forged })) as {
      meta: Record<string, string>;
    };
    expect(meta).toMatchObject({ HTTP_X_FORWARDED_HOST: "django.test", HTTP_X_FORWARDED_PROTO: "http" });
    expect(JSON.stringify(meta)).not.toContain("6.6.6.6");
    expect(Object.keys(meta).filter((name) => name.startsWith("HTTP_X_WEIR"))).toEqual([]);
  });

  test("its own errors come through as they are", async () => {
    const { status, body } = await django("/failing/");
    expect([status, body.toString()]).toEqual([500, "the application failed"]);
  });

  async function form(): Promise<{ token: string; cookie: string }> {
    const got = await django("/basket/");
    const { token } = json(got) as { token: string };
    return { token, cookie: cookieOf(got) };
  }
});
