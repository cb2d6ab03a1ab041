/** One client that plays a schedule: from one address, with a session at each origin, as fast as answers come. */
import { setTimeout as sleep } from "node:timers/promises";

import { ask } from "../ask.ts";
import { RawClient } from "../raw-client.ts";
import type { Act, Schedule } from "./schedule.ts";

export interface Attacker {
  readonly url: string;
  readonly address: string;
  /** Of its sessions, one at each origin. */
  readonly cookies: readonly string[];
}

/** What it got: statuses, `"none"` for no whole answer, and `"left"` for what it did not wait for. */
export type Tally = Map<string, number>;

const dripMs = 5;
const largeHead = "x".repeat(10_000);
const handshake = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const uploadBytes = 200_000;

let requests = 0;

/** Plays all acts, one after the other. */
export async function attack(attacker: Attacker, schedule: Schedule, tally: Tally): Promise<void> {
  for (const act of schedule) {
    const one = async (): Promise<void> => {
      const got = await playOnce(attacker, act);
      tally.set(got, (tally.get(got) ?? 0) + 1);
    };
    if (act.together) await Promise.all(Array.from({ length: act.times }, one));
    else for (let time = 0; time < act.times; time++) await one();
  }
}

function playOnce({ url, address, cookies }: Attacker, act: Act): Promise<string> {
  const path = `${act.path}?id=${requests++}`;
  const cookie = act.at === undefined ? undefined : cookies[act.at % cookies.length];
  const headers = { "X-Forwarded-For": address, ...(cookie !== undefined && { Cookie: cookie }) };
  const answered = (more: Parameters<typeof ask>[1]): Promise<string> =>
    ask(url + path, { headers, ...more }).then(
      ({ status }) => String(status),
      () => "none",
    );
  switch (act.way) {
    case "ask":
      return answered({});
    case "post":
      return answered({ method: "POST", body: "x".repeat(1_000) });
    case "upload":
      return answered({ method: "POST", body: Buffer.alloc(uploadBytes) });
    case "upgrade":
      return answered({ headers: { ...headers, ...handshake } });
    case "large head":
      return answered({ headers: { ...headers, "X-Large": largeHead } });
    case "trickle":
    case "leave":
    case "stop reading":
      return left(url, path, headers, act);
  }
}

/** Sends a request, and leaves before it is over. */
async function left(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  { way, leaveMs, how }: Act,
): Promise<string> {
  const isUpload = way === "trickle";
  const fields = {
    Host: "site.test",
    ...headers,
    ...(isUpload && { "Content-Length": String(uploadBytes) }),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const head = [`${isUpload ? "POST" : "GET"} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  const client = new RawClient(url, head);
  if (way === "stop reading") client.stopReading();
  for (let restMs = leaveMs; restMs > 0; restMs -= dripMs) {
    await sleep(Math.min(dripMs, restMs));
    if (isUpload) client.send("drip");
  }
  client.leave(how);
  return "left";
}
