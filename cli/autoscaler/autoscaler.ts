/**
 * `weir autoscaler`: what stands between Weir and a cloud, on this machine. It takes Weir's orders and starts and stops simulated
 * instances, which register themselves. To connect a real cloud, replace `instances.ts`.
 */
import { once } from "node:events";
import { ExpectedError } from "../expected-error.ts";
import { aborted } from "../interruption.ts";
import { dim } from "../terminal/style.ts";
import { Instances } from "./instances.ts";
import { orderServer } from "./orders.ts";

export interface AutoscalerOptions {
  /** Weir's own URL. */
  readonly weir: string;
  readonly upstream: string;
  readonly pool: string;
  /** Where orders are taken, on 127.0.0.1. */
  readonly port: number;
  /** That of the first instance. */
  readonly instancesFrom: number;
  readonly max: number;
  readonly slots: number;
  readonly startsIn: number;
}

/**
 * Takes orders until `signal` aborts, and ends its instances then.
 * @returns the exit code.
 * @throws ExpectedError if a secret is missing, or the port is taken.
 */
export async function autoscaler(options: AutoscalerOptions, signal: AbortSignal): Promise<number> {
  const secret = secretIn("WEIR_SCALE_SECRET", "autoscale.webhook.secret");
  const registerSecret = secretIn("WEIR_REGISTER_SECRET", "register.secret");
  const { weir, upstream, pool, port, instancesFrom: firstPort, max, slots, startsIn: startsInMs } = options;
  const instances = new Instances({
    weir: weir.replace(/\/+$/, ""),
    upstream,
    pool,
    registerSecret,
    slots,
    startsInMs,
    firstPort,
    max,
    tell,
  });
  const scaleTo = (count: number): void => {
    tell(
      `order: ${count} ${count === 1 ? "instance" : "instances"}${count > max ? `, of ${max} at most` : ""}`,
    );
    instances.scaleTo(count);
  };
  const server = orderServer({ secret, upstream, pool, scaleTo });
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: unknown) => {
    throw new ExpectedError(
      `Port ${port} cannot be listened on: ${String(error)}.`,
      "Choose another: --port",
    );
  });
  console.log(`Listening for orders at http://127.0.0.1:${port}/`);
  await aborted(signal);
  server.close();
  await instances.close();
  return 0;
}

function secretIn(variable: string, key: string): string {
  const secret = process.env[variable] ?? "";
  if (secret.length >= 32) return secret;
  throw new ExpectedError(
    `${variable} has ${secret.length} characters; expected 32 or more.`,
    `Set it to the value that the config has as ${key}.`,
  );
}

function tell(what: string): void {
  console.log(`${dim(new Date().toTimeString().slice(0, 8))}  ${what}`);
}
