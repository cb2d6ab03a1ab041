/** Orders for instances, from load to the operator's autoscaler: signed, repeated until accepted, remembered. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, expect, test } from "vitest";

import { loadUntil } from "../support/load-until.ts";
import { patienceMs } from "../support/patience.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

const secret = "nothing secret, for tests of orders only";

interface Received {
  readonly instances: number;
  readonly pool: string;
  readonly key: string;
  readonly isGenuine: boolean;
  readonly ageMs: number;
  readonly accepted: boolean;
}

const received: Received[] = [];
let isAccepting = false;
let receiver: Server;
let stack: Stack;

async function read(request: IncomingMessage, accepted: boolean): Promise<Received> {
  const body = await text(request);
  const { "x-weir-timestamp": timestamp, "x-weir-signature": signature } = request.headers;
  const expected = createHmac("sha256", secret)
    .update(`${String(timestamp)}.${body}`)
    .digest("hex");
  const { pool, instances } = JSON.parse(body);
  return {
    instances,
    pool,
    key: String(request.headers["idempotency-key"]),
    isGenuine: signature === `sha256=${expected}`,
    ageMs: Date.now() - Number(timestamp) * 1_000,
    accepted,
  };
}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const answer = async (accepted: boolean): Promise<void> => {
      received.push(await read(request, accepted));
      response.writeHead(accepted ? 204 : 503).end();
    };
    void answer(isAccepting);
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const address = receiver.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  stack = await startStack({
    origins: { home: ["home-1"], cloud: ["cloud-1"] },
    spec: { workers: 64, serviceTime: { kind: "constant", ms: 50 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          pools: [
            { name: "home", origins: [{ name: "home-1", url: urlOf("home-1"), maxConns: 2 }] },
            { name: "cloud", origins: [{ name: "cloud-1", url: urlOf("cloud-1") }] },
          ],
          health: false,
          autoscale: {
            slots: 4,
            startsIn: "1s",
            max: 3,
            webhook: { url: `http://127.0.0.1:${address.port}/scale`, secret },
          },
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  receiver.close();
});

const ordersLogged = () => stack.events.filter(({ event }) => event === "scale");

/** Many times what home carries: also on a slow machine more than three instances' worth. */
const underLoadUntil = (what: string, holds: () => boolean) =>
  loadUntil(what, { urls: [stack.url], clients: 32 }, holds);

test("load that home does not carry orders instances, signed, until the order is accepted; a crash forgets none", async () => {
  await underLoadUntil(
    "an order was refused twice",
    () => received.filter(({ accepted }) => !accepted).length >= 2,
  );
  await stack.crash();
  const last = ordersLogged().at(-1);
  isAccepting = true;
  await fetch(stack.url);
  await eventually(
    "the order is accepted after the crash",
    () => received.at(-1)?.accepted === true,
    patienceMs,
  );
  expect(received.at(-1)).toMatchObject({ pool: "cloud", instances: last?.["instances"] });
  expect(received.at(-1)?.key).toContain(`shop/cloud/${String(last?.["nth"])}/`);
});

test("orders are numbered, within bounds, and none is accepted twice", async () => {
  await underLoadUntil("the most there may be are ordered", () => received.at(-1)?.instances === 3);
  await eventually("it is accepted", () => received.at(-1)?.accepted === true, patienceMs);
  expect(received.filter(({ isGenuine, ageMs }) => !isGenuine || ageMs > 5_000)).toEqual([]);
  expect(received.filter(({ instances }) => instances < 1 || instances > 3)).toEqual([]);
  const accepted = received.filter((order) => order.accepted).map(({ key }) => key);
  expect(new Set(accepted).size).toBe(accepted.length);
  expect(ordersLogged().map(({ nth }) => nth)).toEqual(ordersLogged().map((_, index) => index + 1));
  const failed = stack.events.find(({ event }) => event === "scale-failed");
  expect(failed).toMatchObject({ upstream: "shop", detail: "status 503" });
});
