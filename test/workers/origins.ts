/**
 * Real origins for the Worker inside the test runner, in Node, their addresses bound as variables. Plain HTTP
 * servers: the runner resolves packages as workerd does, and origin-sim's are Node's.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    origins: Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const origins = await Promise.all(
    ["a", "b", "c"].map(async (name) => {
      const server = createServer((request, response) => {
        response.setHeader("X-Origin", name);
        response.setHeader("X-Weir-Mode", "the origin's own");
        // What it says of itself is as asked: /?a=… to the origin a.
        const said = new URL(request.url ?? "/", "http://origin").searchParams.get(name);
        if (said !== null) response.setHeader("X-Weir-Load", said);
        response.end(request.method === "HEAD" ? undefined : name);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return { name, server };
    }),
  );
  const url = (address: AddressInfo | string | null): string =>
    typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  project.provide(
    "origins",
    Object.fromEntries(
      origins.map(({ name, server }) => [`ORIGIN_${name.toUpperCase()}`, url(server.address())]),
    ),
  );
  return () => {
    for (const { server } of origins) server.close().closeAllConnections();
  };
}
