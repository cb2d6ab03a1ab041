/**
 * Networks and logins on the built bundle, beside Debian's nginx with the same lists (`test/servers/nginx-access.ts`). The hashes are those that
 * `weir hash-password` prints. Without nginx (`npm run servers` installs it) the comparison is skipped.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hashOf } from "../../cli/hash-password.ts";
import { isInstalled } from "../servers/debian.ts";
import { accessCases, htpasswd, logins } from "../servers/nginx-access.ts";
import { startNginxWith } from "../servers/nginx.ts";
import { ask, json } from "../support/ask.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { shell } from "../support/weir-command.ts";

let folder: string;
let echo: Server;
let nginx: ServerProcess | undefined;
let stack: Stack;
let sign: (audience: string) => Promise<string>;

const caseNames = accessCases({}).map(({ name }) => name);

async function printedHash(password: string): Promise<string> {
  const printed = await shell(
    `printf '%s\\n' '${password}' | '${process.execPath}' cli/weir.ts hash-password`,
  );
  return printed.trim();
}

beforeAll(async () => {
  const [alice, bob] = await Promise.all([printedHash(logins.alice), hashOf(logins.bob)]);
  const cases = accessCases({ alice, bob });
  folder = await mkdtemp(join(tmpdir(), "weir-access-"));
  await writeFile(join(folder, "htpasswd"), htpasswd);
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "one" }];
  sign = (audience) =>
    new SignJWT({ email: "a@b.test" })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer("e2e")
      .setAudience(audience)
      .setExpirationTime("1m")
      .sign(privateKey);
  echo = createServer((request, response) =>
    response.end(JSON.stringify(request.url === "/jwks" ? { keys } : request.headers)),
  );
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  if (isInstalled.nginx) nginx = await startNginxWith(cases, folder, url);
  const guarded = {
    users: cases.find(({ name }) => name === "login")?.weir.basicAuth?.users ?? {},
    userHeader: "X-User",
  };
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      forwarding: { trusted: ["127.0.0.1"] },
      upstreams: { site: { pools: [{ name: "home", origins: [{ name: "a", url }] }], health: false } },
      routes: [
        ...cases.map(({ name, weir }) => ({ host: `${name}.test`, upstream: "site", ...weir })),
        { host: "told.test", upstream: "site", basicAuth: guarded },
        {
          host: "token.test",
          upstream: "site",
          jwt: {
            keys: `${url}/jwks`,
            issuer: "e2e",
            audience: "shop",
            claimsToHeaders: { "X-Mail": "email" },
          },
        },
        { host: "country.test", upstream: "site", access: { allow: ["country:DE"] } },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await nginx?.stop();
  echo.closeAllConnections();
  echo.close();
  await rm(folder, { recursive: true, force: true });
});

const basic = (login: string): string => `Basic ${Buffer.from(login).toString("base64")}`;

const addresses = [
  "10.0.0.1",
  "10.1.0.1",
  "10.1.2.3",
  "11.0.0.1",
  "203.0.113.9",
  "2001:db8::1",
  "2001:db8:1::1",
  "2001:db9::1",
];
const credentials: readonly (string | undefined)[] = [
  undefined,
  basic("alice:open sesame"),
  basic("bob:pässwörd, with more"),
  basic("alice:open"),
  basic("nobody:open sesame"),
  basic("alice"),
  "Bearer abc",
];

async function seen(
  base: string,
  host: string,
  address: string,
  login: string | undefined,
): Promise<unknown> {
  const headers = { Host: host, "X-Forwarded-For": address, ...(login && { Authorization: login }) };
  const answer = await ask(`${base}/x`, { headers });
  const challenge = answer.headers["www-authenticate"]?.split(",")[0];
  return { address, login, status: answer.status, challenge };
}

describe.skipIf(!isInstalled.nginx)("nginx and Weir let the same requests through", () => {
  test.each(caseNames)("under the list %s, wherever they come from and whoever they are", async (name) => {
    const asked = addresses.flatMap((address) => credentials.map((login) => ({ address, login })));
    const from = (base: string) =>
      Promise.all(asked.map(({ address, login }) => seen(base, `${name}.test`, address, login)));
    const [theirs, ours] = await Promise.all([from(nginx?.url ?? ""), from(stack.url)]);
    expect(ours).toEqual(theirs);
  });
});

test("an origin is told the user, and no password; a client cannot tell it one", async () => {
  const headers = {
    Host: "told.test",
    Authorization: basic("alice:open sesame"),
    "X-User": "root",
    X_User: "root",
  };
  const told = json(await ask(`${stack.url}/`, { headers }));
  expect(told).toMatchObject({ "x-user": "alice" });
  expect(told).not.toHaveProperty("authorization");
  expect(told).not.toHaveProperty("x_user");
});

test("a token that the issuer has signed opens its route, and tells the origin its claims", async () => {
  const get = async (token: string) =>
    ask(`${stack.url}/`, {
      headers: { Host: "token.test", Authorization: `Bearer ${token}`, "X-Mail": "root" },
    });
  // At the same time: one of them fetches the keys.
  const answers = await Promise.all([1, 2, 3, 4].map(async () => get(await sign("shop"))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  for (const answer of answers) expect(json(answer)).toMatchObject({ "x-mail": "a@b.test" });
  expect((await get(await sign("other"))).status).toBe(401);
  expect((await get("a.b.c")).status).toBe(401);
});

test("where no country is known, a list of countries lets nobody in", async () => {
  const headers = { Host: "country.test", "CF-IPCountry": "DE" };
  expect((await ask(`${stack.url}/`, { headers })).status).toBe(403);
});
