/** What a message costs the object does not grow with its origins times its holders: a fleet may have thousands of both. */
import { expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

test("a full pool of two hundred origins answers a thousand holders as quickly as they ask", () => {
  const origins = Array.from({ length: 200 }, (_, index) => origin(`o${index}`, { maxConns: 5 }));
  const shop = upstream({ coordination: "strict", pools: [pool("home", origins)] });
  const coordinator = new Coordinator(shop, nothingSaved, now);
  const random = seededRandom(1);
  const ask = (seq: number, holder: number) => {
    const message = {
      holder: `h${holder}`,
      seq,
      epoch: 1,
      config: { order: 1, hash: "a" },
      held: [{ origin: `o${holder % 200}`, open: 1, forMs: 30_000 }],
      awaiting: [seq],
      outcomes: [],
      outcomesFrom: 0,
      want: { tried: [] },
    };
    return coordinator.exchange(message, now, random).reply.pick;
  };
  for (let holder = 0; holder < 1_000; holder++) ask(1, holder);
  // To look at every holder for every origin would take longer than a test may.
  for (let seq = 2; seq < 4; seq++) {
    for (let holder = 0; holder < 1_000; holder++) {
      expect(ask(seq, holder)).toEqual({ kind: "unavailable", why: "full" });
    }
  }
});
