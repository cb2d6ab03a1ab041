/**
 * Clients that ask for nothing but what every origin answers well, each from an address of its own, at an even pace: half of them with a
 * session, of which every request has to be served where it is bound.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { ask, json, type Got } from "../ask.ts";
import { goodPath } from "./origin.ts";

export interface Honest {
  readonly address: string;
  /** Absent: a client without a session. */
  readonly session?: Session;
}

export interface Session {
  readonly cookie: string;
  readonly origin: string;
}

/** What was not as it should be, in words, and the path of that request, which no other has. */
export interface Fault {
  readonly what: string;
  readonly path: string;
}

export interface Served {
  readonly faults: Fault[];
  /** Of each request, in ms. */
  readonly times: number[];
}

const paceMs = 10;
const bodyBytes = 2_000;

/** Begins a session, and says at which origin. */
export async function beginSession(url: string, address: string): Promise<Session> {
  const got = await ask(url + goodPath, { headers: { "X-Forwarded-For": address } });
  const [cookie = ""] = /weir=[^;]+/.exec(got.headers["set-cookie"]?.[0] ?? "") ?? [];
  return { cookie, origin: originOf(got) };
}

/** Each of the clients asks at least so many times, and goes on until `isOver`. */
export async function serve(
  url: string,
  clients: readonly Honest[],
  { least, isOver = () => true }: { readonly least: number; readonly isOver?: () => boolean },
): Promise<Served> {
  const served: Served = { faults: [], times: [] };
  await Promise.all(
    clients.map(async (client) => {
      for (let nth = 0; nth < least || !isOver(); nth++) {
        await askOnce(url, client, nth, served);
        await sleep(paceMs);
      }
    }),
  );
  return served;
}

let requests = 0;

/** A page, or every third time a form. */
async function askOnce(
  url: string,
  { address, session }: Honest,
  nth: number,
  served: Served,
): Promise<void> {
  const headers = { "X-Forwarded-For": address, ...(session && { Cookie: session.cookie }) };
  const body = nth % 3 === 2 ? { method: "POST", body: "x".repeat(bodyBytes) } : {};
  const path = `${goodPath}/${requests++}`;
  const fault = (what: string): void => void served.faults.push({ what: `${address} ${what}`, path });
  const startedMs = performance.now();
  try {
    const got = await ask(url + path, { headers, ...body });
    served.times.push(performance.now() - startedMs);
    if (got.status !== 200) return fault(`got ${got.status}: ${got.body.toString().slice(0, 200)}`);
    const at = originOf(got);
    if (session === undefined || at === session.origin) return;
    const becomes = got.headers["set-cookie"] === undefined ? "this once" : "from now on";
    fault(`was served by ${at} ${becomes}, and is bound to ${session.origin}`);
  } catch (error) {
    fault(`got no answer: ${String(error)}`);
  }
}

const originOf = (got: Got): string => (json(got) as { readonly origin: string }).origin;
