/**
 * An instance, as a process of its own: a simulated origin that registers itself. It ends when it is asked to (SIGTERM), after
 * it has said goodbye and its last request is over; and on the spot when the process that started it has gone.
 *
 * Its one argument is JSON, an `InstanceOptions`; the secret is in `WEIR_REGISTER_SECRET`, which no list of processes shows.
 */
import { startOrigin } from "../../origin-sim/server.ts";
import { sayGoodbye, stayRegistered } from "./registration.ts";

export interface InstanceOptions {
  readonly weir: string;
  readonly upstream: string;
  readonly pool: string;
  readonly name: string;
  readonly port: number;
  /** Requests that it serves at once. */
  readonly slots: number;
  /** From its start to its first request. */
  readonly startsInMs: number;
}

/** If the goodbye is not answered by then, it leaves without. */
const goodbyeWithinMs = 30_000;

process.once("disconnect", () => process.exit(1));

const { weir, upstream, pool, name, port, slots, startsInMs }: InstanceOptions = JSON.parse(
  process.argv[2] ?? "{}",
);

const origin = await startOrigin({
  name,
  pool,
  port,
  spec: {
    workers: slots,
    threads: 1,
    backlog: 100,
    serviceTime: { kind: "lognormal", meanMs: 80, cv: 0.5 },
    restartMs: 500,
    coldStartMs: startsInMs,
  },
  seed: port,
  startsCold: true,
});
const leaving = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => leaving.abort());

const entry = {
  weir,
  upstream,
  pool,
  secret: process.env["WEIR_REGISTER_SECRET"] ?? "",
  name,
  url: origin.url,
};
await stayRegistered(entry, leaving.signal, (what) => console.log(`${name}: ${what}`));
console.log(`${name}: ${(await sayGoodbye(entry, goodbyeWithinMs)) ? "gone" : "left without an answer"}`);
process.exit(0);
