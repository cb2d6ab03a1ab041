/** Bytes at a pace: in parts, each written when it is due and the one before it was taken. */
import { expect, test } from "vitest";

import { SendPace } from "../../../../../core/connections/send-pace.ts";
import { sendPaced, type PacedSink } from "../../../../../worker/proxy/response/send-paced.ts";

const paceOf = (bytesPerSecond: number): SendPace =>
  new SendPace({ bytesPerSecond, afterBytes: 0 }, Date.now());

test("what is more than a piece is written in parts, in order, with pauses between them", async () => {
  const calls: (string | number)[] = [];
  const sink: PacedSink = {
    write: async (part) => void calls.push(part.byteLength),
    pause: async (forMs) => {
      calls.push("pause");
      await new Promise((resolve) => setTimeout(resolve, forMs));
    },
  };
  await sendPaced(new Uint8Array(150_000), paceOf(10_000_000), sink);
  expect(calls.filter((call) => call !== "pause")).toEqual([65_536, 65_536, 18_928]);
  expect(calls[1]).toBe("pause");
});

test("nothing is written any more when a write fails, or a pause", async () => {
  const gone = new Error("gone");
  for (const failing of ["write", "pause"] as const) {
    const written: number[] = [];
    const sink: PacedSink = {
      write: async (part) => void written.push(part.byteLength),
      pause: async () => undefined,
      [failing]: () => Promise.reject(gone),
    };
    await expect(sendPaced(new Uint8Array(50_000), paceOf(100_000), sink)).rejects.toBe(gone);
    expect(written.length).toBeLessThanOrEqual(1);
  }
});
