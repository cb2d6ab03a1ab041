/** Which origin a command means, of those that the API lists. */
import { createServer, type ServerResponse } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { operatorClient } from "../../../cli/operate/operator-client.ts";
import { listening } from "./listening.ts";

/** A client of an API that lists these upstreams, each with its origins. */
async function clientOf(upstreams: Readonly<Record<string, readonly string[]>>) {
  const listed = Object.entries(upstreams).map(([name, origins]) => ({
    name,
    pools: [{ name: "home", origins: origins.map((origin) => ({ name: origin })) }],
  }));
  return operatorClient(
    await apiAnswering((response) => response.end(JSON.stringify({ upstreams: listed }))),
  );
}

/** Where an API is that answers so, and a file with a token. */
async function apiAnswering(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  const port = await listening(server);
  const folder = await mkdtemp(join(tmpdir(), "weir-token-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "token");
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  return { url: `http://127.0.0.1:${port}`, tokenFile };
}

test("an origin that there is none of is answered with those that there are, each by a name that is its own", async () => {
  const one = await clientOf({ shop: ["a", "b"] });
  await expect(one.find("c")).rejects.toThrow('There is no origin "c". Known: a, b.');
  const several = await clientOf({ shop: ["a", "b"], api: ["a"] });
  await expect(several.find("c")).rejects.toThrow('There is no origin "c". Known: shop/a, shop/b, api/a.');
  await expect(several.find("b", "api")).rejects.toThrow(
    'There is no origin "b" in upstream "api". Known: a.',
  );
});

test("an origin that several upstreams have is found when it is said which is meant", async () => {
  const client = await clientOf({ shop: ["a"], api: ["a"] });
  await expect(client.find("a")).rejects.toThrow('Several upstreams have an origin "a": shop, api.');
  expect(await client.find("a", "api")).toEqual({ upstream: "api", origin: "a" });
});

test("a token that is refused is named by where it was found, with where else it may be", async () => {
  const { url, tokenFile } = await apiAnswering((response) =>
    response.writeHead(403).end('{"error":{"message":"The token is not the one."}}'),
  );
  const refusal = async (options: { tokenFile?: string }): Promise<unknown> =>
    (await operatorClient({ url, ...options })).find("a").catch((error: unknown) => error);
  expect(await refusal({ tokenFile })).toMatchObject({
    message: `Weir at ${url} does not admit the token of ${tokenFile}: The token is not the one.`,
    hint: "weir start says where its token is: --token-file FILE.",
    exitCode: 4,
  });
  vi.stubEnv("WEIR_ADMIN_TOKEN", "that-of-another-weir");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await refusal({})).toMatchObject({
    message: expect.stringContaining("the token of WEIR_ADMIN_TOKEN"),
    hint: expect.stringContaining("It comes before .weir/admin-token."),
  });
});
