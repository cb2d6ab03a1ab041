/** A WebSocket's bytes between two ends that are in the test's hands: what is passed on, what is said of a lost end, and when. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { closeFrame, pingFrame } from "../../../../../core/websocket/frames.ts";
import {
  closeTimeoutMs,
  SocketRelay,
  type RelayEnd,
} from "../../../../../worker/transport/websocket/relay.ts";

const pingMs = 60_000;

const mask = Uint8Array.of(1, 2, 3, 4);
/** A message of one byte, from an origin. */
const message = Uint8Array.of(0x82, 1, 7);
const bye = closeFrame(1000, undefined);
/** What a lost end is told of to the other one. */
const lost = { client: closeFrame(1014, undefined), origin: closeFrame(1014, mask) };
const ping = { client: pingFrame(undefined), origin: pingFrame(mask) };

class FakeEnd implements RelayEnd {
  readonly got: number[] = [];
  isEnded = false;
  takes = true;
  #said: ((piece: Uint8Array | undefined) => void)[] = [];
  #broken: ((error: Error) => void)[] = [];
  readonly #queue: (Uint8Array | undefined)[] = [];
  #taken: (() => void)[] = [];
  reads = 0;

  readonly read = (): Promise<Uint8Array | undefined> => {
    this.reads++;
    if (this.#queue.length > 0) return Promise.resolve(this.#queue.shift());
    return new Promise((resolve, reject) => {
      this.#said.push(resolve);
      this.#broken.push(reject);
    });
  };

  readonly giveBack = (): void => undefined;

  readonly writer = {
    write: async (piece?: Uint8Array): Promise<void> => {
      if (!this.takes) await new Promise<void>((resolve) => this.#taken.push(resolve));
      this.got.push(...(piece ?? []));
    },
    close: (): Promise<void> => {
      this.isEnded = true;
      return Promise.resolve();
    },
  };

  says(piece: Uint8Array | undefined): void {
    const said = this.#said.shift();
    this.#broken.shift();
    if (said === undefined) this.#queue.push(piece);
    else said(piece);
  }

  ends(): void {
    this.says(undefined);
  }

  breaks(): void {
    this.#broken.shift()?.(new Error("Network connection lost."));
  }

  takesAgain(): void {
    this.takes = true;
    for (const taken of this.#taken.splice(0)) taken();
  }
}

function joined() {
  const client = new FakeEnd();
  const origin = new FakeEnd();
  const relay = new SocketRelay(client, origin, () => mask, pingMs);
  return { client, origin, relay };
}

/** Lets everything run that is not waiting for an end or for time. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** How it has ended by now. */
async function endOf(relay: SocketRelay): Promise<string> {
  await settle();
  return Promise.race([relay.closed, Promise.resolve().then(() => "open")]);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("bytes", () => {
  test("cross as they are, in both directions", async () => {
    const { client, origin } = joined();
    client.says(message.subarray(0, 1));
    client.says(message.subarray(1));
    origin.says(message);
    await settle();
    expect(origin.got).toEqual([...message]);
    expect(client.got).toEqual([...message]);
  });

  test("are read no faster than they are taken: of what an end does not take Weir holds one piece", async () => {
    const { client, origin } = joined();
    client.takes = false;
    for (let pieces = 0; pieces < 9; pieces++) origin.says(message);
    await settle();
    expect(origin.reads).toBe(1);
    client.takesAgain();
    await settle();
    expect(client.got).toHaveLength(9 * message.length);
  });
});

describe("the end", () => {
  test("by a Close of either is complete when the origin has hung up, and the client is hung up on then", async () => {
    for (const starts of ["client", "origin"] as const) {
      const { relay, ...ends } = joined();
      ends[starts].says(bye);
      expect(await endOf(relay)).toBe("open");
      ends[starts === "client" ? "origin" : "client"].says(bye);
      ends.origin.ends();
      expect(await endOf(relay)).toBe("complete");
      expect(ends.client.isEnded).toBe(true);
      expect(ends.client.got).toEqual([...bye]);
    }
  });

  test("of a client that vanishes is told to the origin, and is the client's", async () => {
    for (const how of ["ends", "breaks"] as const) {
      const { client, origin, relay } = joined();
      await settle();
      client[how]();
      expect(await endOf(relay)).toBe("open");
      expect(origin.got).toEqual([...lost.origin]);
      origin.ends();
      expect(await endOf(relay)).toBe("client-gone");
    }
  });

  test("of an origin that vanishes is told to the client, and is the origin's", async () => {
    for (const how of ["ends", "breaks"] as const) {
      const { client, origin, relay } = joined();
      await settle();
      origin[how]();
      expect(await endOf(relay)).toBe("cut-by-origin");
      expect(client.got).toEqual([...lost.client]);
      expect(client.isEnded).toBe(true);
    }
  });

  test("within a frame is told by the connection's end alone: no frame may stand there", async () => {
    const { client, origin, relay } = joined();
    origin.says(message.subarray(0, 2));
    await settle();
    origin.ends();
    expect(await endOf(relay)).toBe("cut-by-origin");
    expect(client.got).toEqual([...message.subarray(0, 2)]);
    expect(client.isEnded).toBe(true);
  });

  test("of an origin that does not hang up behind a Close is made for it", async () => {
    const { client, origin, relay } = joined();
    client.says(bye);
    await settle();
    await vi.advanceTimersByTimeAsync(closeTimeoutMs - 1);
    expect(await endOf(relay)).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(await endOf(relay)).toBe("complete");
    expect(origin.got).toEqual([...bye]);
  });

  test("that is made here is told to both", async () => {
    const { client, origin, relay } = joined();
    relay.cut();
    expect(await endOf(relay)).toBe("cut-by-weir");
    expect(client.got).toEqual([...lost.client]);
    expect(origin.got).toEqual([...lost.origin]);
  });
});

describe("an end that says nothing", () => {
  test("is pinged after a minute, and lost after another; one that answers is not", async () => {
    const { client, origin, relay } = joined();
    await vi.advanceTimersByTimeAsync(pingMs);
    expect([client.got, origin.got]).toEqual([[...ping.client], [...ping.origin]]);
    origin.says(Uint8Array.of(0x8a, 0));
    await vi.advanceTimersByTimeAsync(pingMs);
    expect(origin.got).toEqual([...ping.origin, ...lost.origin]);
    origin.ends();
    expect(await endOf(relay)).toBe("client-gone");
  });

  test("but is sent a stream is pinged between two frames of it, and not cut while it answers", async () => {
    const { client, origin, relay } = joined();
    const second = pingMs / 60;
    for (let at = 0; at < 300; at++) {
      // Each piece ends within a frame.
      origin.says(at === 0 ? message.subarray(0, 1) : Uint8Array.of(...message.subarray(1), 0x82));
      await vi.advanceTimersByTimeAsync(second);
      if (at % 100 === 99) client.says(Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0));
    }
    expect(await endOf(relay)).toBe("open");
    expect(client.got.join().split([...ping.client].join())).toHaveLength(1 + 3);
  });

  test("and takes nothing either is lost, whatever is sent to it", async () => {
    const { client, origin, relay } = joined();
    client.takes = false;
    for (let pieces = 0; pieces < 3; pieces++) origin.says(message);
    await vi.advanceTimersByTimeAsync(2 * pingMs + closeTimeoutMs);
    expect(await endOf(relay)).toBe("client-gone");
  });

  test("but takes what waits for it, however slowly, is there", async () => {
    const { client, origin, relay } = joined();
    for (let minutes = 0; minutes < 10; minutes++) {
      client.takes = false;
      origin.says(message);
      await vi.advanceTimersByTimeAsync(pingMs);
      client.takesAgain();
      origin.says(message);
      await settle();
    }
    expect(await endOf(relay)).toBe("open");
  });

  test("is not judged while it is not read from, since the other one takes nothing", async () => {
    const { client, origin, relay } = joined();
    origin.takes = false;
    client.says(message);
    for (let minutes = 0; minutes < 5; minutes++) {
      await vi.advanceTimersByTimeAsync(pingMs);
      origin.says(message);
      await settle();
    }
    expect(await endOf(relay)).toBe("open");
    expect(client.got.join()).not.toContain([...lost.client].join());
  });
});
