/** How an origin is dialled: plainly, or with TLS as a step of its own; and what each step's failure is told apart by. */
import { describe, expect, test } from "vitest";

import { ConnectionFailed } from "../../../../../worker/transport/own-connection/connection-failed.ts";
import type { Opening } from "../../../../../worker/transport/own-connection/exchange.ts";
import { openConnection } from "../../../../../worker/transport/own-connection/open-connection.ts";
import { FarEnds, settle } from "../../far-end.ts";

const address = { hostname: "shop.internal", port: 8443 };

/** Dials, and what became of it. */
function open(isSecure: boolean, signal?: AbortSignal) {
  const network = new FarEnds();
  const opening = openConnection(network.connect, { isSecure, address }, signal);
  const [dialled] = network.dialled;
  return { opening, dialled: dialled ?? expect.unreachable() };
}

async function failureOf(opening: Opening | Promise<Opening>): Promise<unknown> {
  const error: unknown = await Promise.resolve(opening).catch((thrown: unknown) => thrown);
  return error instanceof ConnectionFailed ? error.failure : expect.fail("it was opened");
}

const nothingSent = { sent: "no", untouched: true };

test("a plain connection is handed on at once; if it does not come about, it was refused", () => {
  const { opening, dialled } = open(false);
  if (opening instanceof Promise) expect.unreachable();
  expect(opening.connection).toBe(dialled.end.connection);
  expect(opening.unopened).toEqual({ kind: "refused", detail: "no connection" });
  expect([dialled.address, dialled.options]).toEqual([
    address,
    { secureTransport: "off", allowHalfOpen: true },
  ]);
});

describe("a secure connection", () => {
  test("begins TLS when there is a connection; what fails from then on is TLS", async () => {
    const { opening, dialled } = open(true);
    expect(dialled.options).toEqual({ secureTransport: "starttls", allowHalfOpen: true });
    await settle();
    expect(dialled.end.secured).toBeUndefined();
    dialled.end.accepts();
    const { connection, unopened } = await opening;
    expect(connection).toBe(dialled.end.secured?.connection);
    expect(unopened).toEqual({ kind: "tls", detail: "no TLS" });
  });

  test("to a closed port was refused, and is closed", async () => {
    const { opening, dialled } = open(true);
    dialled.end.refuses();
    expect(await failureOf(opening)).toEqual({ kind: "refused", detail: "no connection", ...nothingSent });
    expect([dialled.end.isClosed, dialled.end.secured]).toEqual([true, undefined]);
  });

  test("that is given up is late, not refused, and closed: TLS never begins", async () => {
    const abort = new AbortController();
    for (const isBefore of [true, false]) {
      const { opening, dialled } = open(true, isBefore ? AbortSignal.abort() : abort.signal);
      if (!isBefore) abort.abort();
      const late = { kind: "timeout", detail: "no connection in time", ...nothingSent };
      expect(await failureOf(opening)).toEqual(late);
      expect(dialled.end.isClosed).toBe(true);
      dialled.end.accepts();
      await settle();
      expect(dialled.end.secured).toBeUndefined();
    }
  });
});
