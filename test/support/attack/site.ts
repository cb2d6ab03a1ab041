/** The site that is attacked: Weir as it ships before four origins, six honest clients, and one attacker who has a session at each origin. */
import { eventually, origins, startStack, type Stack } from "../stack.ts";
import type { Attacker } from "./attacker.ts";
import { beginSession, type Honest } from "./honest.ts";
import { goodPath, startAttackedOrigin, type AttackedOrigin } from "./origin.ts";

export interface AttackedSite {
  readonly stack: Stack;
  readonly honest: readonly Honest[];
  readonly attacker: Attacker;
  stop(): Promise<void>;
}

const names = ["a", "b", "c", "d"];
const attackerAddress = "203.0.113.66";

/** One Weir, and four origins. An origin has slots for all that the attacker may have at a time, and for all others: it is never full. */
export async function startAttackedSite(): Promise<AttackedSite> {
  const servers = await Promise.all(names.map(startAttackedOrigin));
  const stack = await startStack({ origins: {}, config: () => configOf(servers) });
  const { url } = stack;
  await eventually("every origin has been probed", async () =>
    origins(await stack.admin.upstreams()).every(({ health }) => health === "healthy"),
  );
  const honest: Honest[] = [];
  for (let nth = 1; nth <= 6; nth++) {
    const address = `192.0.2.${nth}`;
    honest.push(nth % 2 === 0 ? { address } : { address, session: await beginSession(url, address) });
  }
  const cookies = new Map<string, string>();
  while (cookies.size < names.length) {
    const { origin, cookie } = await beginSession(url, attackerAddress);
    cookies.set(origin, cookie);
  }
  const attacker = { url, address: attackerAddress, cookies: [...cookies.values()] };
  const stop = async (): Promise<void> => {
    await stack.stop();
    await Promise.all(servers.map((server) => server.close()));
  };
  return { stack, honest, attacker, stop };
}

const configOf = (servers: readonly AttackedOrigin[]) => ({
  target: "workerd" as const,
  // The tests come from there, and play a trusted proxy: each client has an address of its own.
  forwarding: { trusted: ["127.0.0.1"] },
  limits: { client: { slots: 16, queue: 4, uploads: 8 } },
  upstreams: {
    shop: {
      sticky: true,
      pools: [{ name: "home", origins: servers.map(({ name, url }) => ({ name, url, maxConns: 24 })) }],
      health: { path: goodPath, interval: "1s" },
      timeouts: { headers: "2s" },
    },
  },
  routes: [{ upstream: "shop" }],
});
