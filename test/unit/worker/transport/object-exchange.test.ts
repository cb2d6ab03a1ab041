/** The exchange on the wire: what crosses, and when the config's section goes along. */
import { expect, test } from "vitest";

import type { ConfigSection } from "../../../../core/protocol/config-section.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { ExchangeResult } from "../../../../core/protocol/upstream-object.ts";
import { exchange, waitFor } from "../../../../worker/transport/object-exchange.ts";
import { message } from "../../../support/message.ts";
import { fakeUpstream } from "../fake-objects.ts";

const section: ConfigSection = {
  version: { order: 1, hash: "a" },
  name: "shop",
  target: "workerd",
  raw: { pools: [] },
};

const reply: ExchangeReply = { epoch: 1, outcomesSeen: 0, mode: "strict" };

/** An object that answers one call after the other so, and what it was sent. */
function answering(...results: readonly ExchangeResult[]) {
  const left = [...results];
  const sent: { readonly json: string; readonly section: ConfigSection | undefined }[] = [];
  let stubs = 0;
  const object = fakeUpstream({
    exchange: async (json, at) => {
      sent.push({ json, section: at });
      return JSON.stringify(left.shift());
    },
  });
  const stub = () => {
    stubs += 1;
    return object;
  };
  return { sent, stub, made: () => stubs };
}

test("a message goes without the config, and its answer comes back as it was written", async () => {
  const roster = { version: 3, members: [{ pool: "home", name: "joined", url: "http://192.0.2.9" }] };
  const { sent, stub } = answering({ kind: "reply", reply, roster });
  expect(await exchange(stub, message(), section)).toEqual({ kind: "reply", reply, roster });
  expect(sent).toEqual([{ json: JSON.stringify(message()), section: undefined }]);
});

test("an object that does not know the config gets it with the same message, on a stub of its own", async () => {
  const { sent, stub, made } = answering({ kind: "section-needed" }, { kind: "reply", reply });
  expect((await exchange(stub, message(), section)).reply).toEqual(reply);
  expect(sent.map((call) => call.section)).toEqual([undefined, section]);
  expect(new Set(sent.map(({ json }) => json)).size).toBe(1);
  expect(made()).toBe(2);
});

test("an object that does not take the config is asked no third time", async () => {
  const { sent, stub } = answering({ kind: "section-needed" }, { kind: "section-needed" });
  await expect(exchange(stub, message(), section)).rejects.toThrow("the object refused this configuration");
  expect(sent).toHaveLength(2);
});

test("an object that cannot be reached is not asked again", async () => {
  let calls = 0;
  const object = fakeUpstream({
    exchange: async () => {
      calls += 1;
      throw new Error("Network connection lost.");
    },
  });
  await expect(exchange(() => object, message(), section)).rejects.toThrow("Network connection lost.");
  expect(calls).toBe(1);
});

test("a waiting ask is named by its holder and number, with the roster that the isolate knows", async () => {
  const asked: string[] = [];
  const object = fakeUpstream({
    wait: async (json) => {
      asked.push(json);
      return JSON.stringify({ pick: { kind: "unavailable", why: "full" } });
    },
  });
  const ask = { holder: "one", seq: 4, roster: 2 };
  expect(await waitFor(object, ask)).toEqual({ pick: { kind: "unavailable", why: "full" } });
  expect(asked.map((json): unknown => JSON.parse(json))).toEqual([ask]);
});
