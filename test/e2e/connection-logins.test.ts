/** A server that logs a connection in (IIS does), and takes each later request on it for the same user's: no client gets another client's login. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startStack, type Stack } from "../support/stack.ts";

const users = new WeakMap<Socket, string>();
const server: Server = createServer(({ headers, socket }, response) => {
  const [, user] = /(?:NTLM|Negotiate|Kerberos) (\w+)/.exec(headers.authorization ?? "") ?? [];
  if (user !== undefined) users.set(socket, user);
  const known = users.get(socket);
  response.setHeader("Persistent-Auth", "true");
  if (known !== undefined) return response.end(known);
  response.setHeader("WWW-Authenticate", ["Negotiate", "NTLM", 'Basic realm="NTLM, x"']);
  response.statusCode = 401;
  return response.end("nobody");
});

let stack: Stack;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const upstream = (connection: "auto" | "each" | "reuse") => ({
    pools: [{ name: "home", origins: [{ name: connection, url, connection }] }],
    health: false,
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
  server.closeAllConnections();
  server.close();
});

describe.each(["auto", "each", "reuse"])("with connection: %j", (connection) => {
  const by = (...logins: string[]) =>
    ask(`${stack.url}/`, {
      headers: { Host: `${connection}.test`, ...(logins.length > 0 && { Authorization: logins }) },
    });

  const strangers = async (): Promise<string[]> => {
    const seen: string[] = [];
    for (let count = 0; count < 5; count++) seen.push((await by()).body.toString());
    return [...new Set(seen)];
  };

  test.each([["Negotiate alice"], ["Kerberos alice"]])(
    "a login by %s holds for its own request: those of others stay without one",
    async (login) => {
      expect(await strangers()).toEqual(["nobody"]);
      expect((await by(login)).body.toString()).toBe("alice");
      expect(await strangers()).toEqual(["nobody"]);
    },
  );

  test.each([[["NTLM alice"]], [["Basic YTpi", "NTLM alice"]]])(
    "%j logs no client in, and the log says so",
    async (logins) => {
      const { status, headers, body } = await by(...logins);
      expect([status, body.toString()]).toEqual([401, "nobody"]);
      expect(headers["www-authenticate"]).toBe('Negotiate, Basic realm="NTLM, x"');
      expect(headers["persistent-auth"]).toBeUndefined();
      expect(await strangers()).toEqual(["nobody"]);
      const said = stack.events.filter(
        ({ event, origin }) => event === "login-refused" && origin === connection,
      );
      expect(said).toMatchObject([{ scheme: "ntlm", upstream: connection }]);
    },
  );
});
