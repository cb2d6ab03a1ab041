/**
 * The demo's own cloud: it takes Weir's orders and runs the instances that were ordered, as `weir autoscaler` does. It listens
 * before there is a Weir, since Weir's config names it; orders come later.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Instances } from "../autoscaler/instances.ts";
import { orderServer } from "../autoscaler/orders.ts";

/** What an instance is like. */
export const instance = { slots: 8, startsInMs: 1_000 };

export const mostInstances = 2;

export const instanceNames = Array.from({ length: mostInstances }, (_, nth) => `cloud-instance-${nth + 1}`);

export interface Cloud {
  /** Where it takes orders. */
  readonly url: string;
  readonly orderSecret: string;
  readonly registerSecret: string;
  /** From now on it has a Weir to register with, and says what happens. */
  connect(weir: string, tell: (what: string) => void): void;
  close(): Promise<void>;
}

/** Whose instances these are: as in `upstreams.ts`. */
const growing = { upstream: "growing", pool: "cloud" } as const;

export async function openCloud(): Promise<Cloud> {
  const [orderSecret, registerSecret] = [secret(), secret()];
  let instances: Instances | undefined;
  const server = orderServer({
    secret: orderSecret,
    ...growing,
    scaleTo: (count) => instances?.scaleTo(count),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The cloud listens on no port.");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    orderSecret,
    registerSecret,
    connect: (weir, tell) => {
      instances = new Instances({
        weir,
        ...growing,
        registerSecret,
        ...instance,
        firstPort: 0,
        max: mostInstances,
        tell,
      });
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await instances?.close();
    },
  };
}

const secret = (): string => randomBytes(32).toString("hex");
