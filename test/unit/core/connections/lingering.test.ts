/** Behind an early answer a client is read on: for how long, how far, and how many at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Lingering, LingeringPlaces } from "../../../../core/connections/lingering.ts";

const MiB = 1_048_576;

describe("a client that is read on", () => {
  test.each([
    ["sees that its answer is whole", true, 5_000],
    ["waits for the end of its answer", false, 1_000],
  ])("and %s is let go when it has sent nothing for a while", (_who, isWhole, pauseMs) => {
    const client = new Lingering(1_000, isWhole);
    expect(client.leftMs(1_000)).toBe(pauseMs);
    client.took(1, 1_900);
    expect(client.leftMs(1_900)).toBe(pauseMs);
    expect(client.leftMs(1_899 + pauseMs)).toBe(1);
    expect(client.leftMs(1_900 + pauseMs)).toBe(0);
    expect(client.leftMs(1_000_000)).toBe(0);
  });

  test("and drips is let go after half a minute", () => {
    const client = new Lingering(0, true);
    for (let now = 0; now < 30_000; now += 500) {
      client.took(1, now);
      expect(client.leftMs(now)).toBeGreaterThan(0);
    }
    expect(client.leftMs(29_999)).toBe(1);
    client.took(1, 30_000);
    expect(client.leftMs(30_000)).toBe(0);
  });

  test("and sends without end is let go after 128 MiB", () => {
    const client = new Lingering(0, true);
    client.took(128 * MiB - 1, 1);
    expect(client.leftMs(1)).toBeGreaterThan(0);
    client.took(1, 1);
    expect(client.leftMs(1)).toBe(0);
  });

  test("whatever it sends, is let go within 30 s, and once it is, for good", () => {
    const pieces = fc.array(fc.record({ afterMs: fc.nat(6_000), bytes: fc.nat(40 * MiB) }));
    fc.assert(
      fc.property(fc.boolean(), pieces, (isWhole, sent) => {
        const client = new Lingering(0, isWhole);
        let now = 0;
        for (const { afterMs, bytes } of sent) {
          const left = client.leftMs(now);
          expect(now + left).toBeLessThanOrEqual(30_000);
          now += afterMs;
          if (afterMs >= left) {
            expect(client.leftMs(now)).toBe(0);
            return;
          }
          client.took(bytes, now);
        }
      }),
    );
  });
});

describe("the places of an isolate", () => {
  const clients = Array.from({ length: 8 }, (_, nth) => `192.0.2.${nth}`);

  test("are 64, of which one client has 16 at most", () => {
    const places = new LingeringPlaces();
    const taken = clients.map((client) => Array.from({ length: 20 }, () => places.takePlace(client, 0)));
    expect(taken.map((of) => of.filter((place) => place !== undefined).length)).toEqual([
      16, 16, 16, 16, 0, 0, 0, 0,
    ]);
  });

  test("that are given back are had again, each once however often it is given back", () => {
    const places = new LingeringPlaces();
    const [first] = Array.from({ length: 16 }, () => places.takePlace("a", 0));
    if (first === undefined) throw new Error("no place");
    places.giveBack(first);
    places.giveBack(first);
    expect(places.takePlace("a", 0)).toBeDefined();
    expect(places.takePlace("a", 0)).toBeUndefined();
  });

  test("that are not given back come back all the same, but not while they may be in use", () => {
    const places = new LingeringPlaces();
    for (let nth = 0; nth < 64; nth++) places.takePlace(clients[nth % 4] ?? "", 0);
    expect(places.takePlace("z", 30_000)).toBeUndefined();
    expect(places.takePlace("z", 60_000)).toBeDefined();
  });
});
