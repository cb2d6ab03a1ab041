/**
 * docs/applications.md, its part on Django: the settings and the lines of wsgi.py that stand there, as they stand there, on a Django that a proxy for TLS
 * and Weir are in front of. A site with these lines works.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../servers/debian.ts";
import { startDjango } from "../servers/start.ts";
import { ask, json, type Ask, type Got } from "../support/ask.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { eventually, origins, startStack, type Stack } from "../support/stack.ts";

const page = join(import.meta.dirname, "..", "..", "docs", "applications.md");

let folder: string;
let django: ServerProcess;
let stack: Stack;

/** The first Python block below the heading. */
async function documented(heading: string): Promise<string> {
  const [, below = ""] = (await readFile(page, "utf8")).split(`\n${heading}\n`);
  const [, block] = /```python\n([^]*?)```/.exec(below) ?? [];
  return block ?? expect.fail(`docs/applications.md has no Python block below ${heading}`);
}

describe.skipIf(!isInstalled.django)("Django, with the settings of docs/applications.md", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-django-"));
    await mkdir(join(folder, "files"));
    const settings = join(folder, "settings.py");
    await writeFile(settings, await documented("## Django"));
    const longUploads = await documented("### Uploads without a length, under uWSGI");
    await writeFile(join(folder, "wsgi.py"), `from shop import application\n\n${longUploads}`);
    django = await startDjango(folder, join(folder, "files"), settings, "wsgi:application");
    stack = await startStack({
      origins: {},
      config: () => ({
        target: "workerd",
        forwarding: { trusted: ["127.0.0.1"] },
        upstreams: {
          shop: {
            pools: [{ name: "home", origins: [{ name: "a", url: django.url, maxConns: 2 }] }],
            health: { path: "/basket/", interval: "1s" },
          },
        },
        routes: [{ upstream: "shop" }],
      }),
    });
  });

  afterAll(async () => {
    await stack.stop();
    await django.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** As the page's nginx passes on what a browser asks of https://shop.example.com: with the browser's `Host`. */
  const browse = (path: string, { headers, ...options }: Ask = {}): Promise<Got> => {
    const forwarded = {
      host: "shop.example.com",
      "x-forwarded-for": "198.51.100.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example.com",
    };
    return ask(`${stack.url}${path}`, { ...options, headers: { ...headers, ...forwarded } });
  };

  const valueOf = (cookies: readonly string[] | undefined): string =>
    (cookies ?? []).map((cookie) => cookie.split(";")[0]).join("; ");

  /** Opens the form as a browser does, and sends it as from the page of `origin`. */
  async function order(origin: string): Promise<Got> {
    const form = await browse("/basket/");
    return browse("/buy/", {
      method: "POST",
      headers: {
        origin,
        referer: `${origin}/basket/`,
        cookie: valueOf(form.headers["set-cookie"]),
        "content-type": "application/x-www-form-urlencoded",
      },
      body: `csrfmiddlewaretoken=${tokenOf(form)}&what=lamp`,
    });
  }

  const tokenOf = (form: Got): string => {
    const body = json(form);
    const isForm = typeof body === "object" && body !== null && "token" in body;
    return isForm && typeof body.token === "string" ? body.token : expect.fail(form.body.toString());
  };

  test("the application's probes are good", async () => {
    await eventually("the origin is healthy", async () =>
      origins(await stack.admin.upstreams()).every(({ health }) => health === "healthy"),
    );
  });

  test("a form that the site itself has sent is taken", async () => {
    const ordered = await order("https://shop.example.com");
    expect(ordered.status).toBe(302);
    expect(ordered.headers.location).toBe("/basket/");
  });

  test("a form from another site's page is not", async () => {
    expect((await order("https://evil.example.net")).status).toBe(403);
  });

  test.each([1_000, 300_000, 3_000_000])(
    "an upload of %i bytes without a length is there whole",
    async (size) => {
      const form = await browse("/basket/");
      const file = randomBytes(size);
      const answer = await browse("/upload/", {
        method: "POST",
        headers: {
          "transfer-encoding": "chunked",
          "content-type": "multipart/form-data; boundary=part",
          referer: "https://shop.example.com/basket/",
          cookie: valueOf(form.headers["set-cookie"]),
          "x-csrftoken": tokenOf(form),
        },
        body: Buffer.concat([
          Buffer.from('--part\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'),
          file,
          Buffer.from("\r\n--part--\r\n"),
        ]),
      });
      expect(json(answer)).toMatchObject({ sha256: createHash("sha256").update(file).digest("hex") });
    },
  );

  test("the application's links and redirects lead to where the browser is", async () => {
    const moved = await browse("/permanent/");
    expect(moved.headers.location).toBe("https://shop.example.com/basket/");
  });

  test("the application sees the client's address, in X-Forwarded-For before that of the proxy", async () => {
    const seen = json(await browse("/seen/"));
    expect(seen).toMatchObject({
      meta: { HTTP_X_REAL_IP: "198.51.100.7", HTTP_X_FORWARDED_FOR: "198.51.100.7, 127.0.0.1" },
    });
  });
});
