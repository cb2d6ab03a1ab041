/** What may happen to a fleet, one thing at a time; and random schedules of it. */
import fc from "fast-check";

import type { OperatorOrder } from "../../../core/model/operator.ts";

interface OfIsolate {
  readonly isolate: number;
}

export type Step =
  /** A request: bound to an origin, one that an origin has failed already, or, mostly, neither. */
  | ({ readonly kind: "request"; readonly like: "any" | "bound" | "retry" } & OfIsolate)
  /** A message; with `quiet` it gives the lease back. */
  | ({ readonly kind: "tell" | "quiet" } & OfIsolate)
  /** Any of these, with a network that works; or with an answer that is still under way. */
  | ({ readonly kind: "roundTrip" | "halfTrip"; readonly of: "request" | "tell" | "quiet" } & OfIsolate)
  | ({ readonly kind: "kill" | "cutOff" | "rejoin" | "stall" } & OfIsolate)
  | ({ readonly kind: "giveUp"; readonly message: number } & OfIsolate)
  /** A request ends, ends unnoticed by its isolate, or goes on as a stream. */
  | ({ readonly kind: "finish" | "vanish" | "stream"; readonly request: number } & OfIsolate)
  | { readonly kind: "deliver" | "lose" | "repeat" | "answer" | "loseAnswer"; readonly message: number }
  | { readonly kind: "evict" | "rest" }
  | { readonly kind: "limit"; readonly origin: number; readonly maxConns: number }
  /** Of an origin at home. */
  | { readonly kind: "order"; readonly origin: number; readonly order: OperatorOrder }
  | { readonly kind: "wait"; readonly ms: number }
  /** Until just before, at or after a moment when something ends. */
  | { readonly kind: "waitFor"; readonly moment: number; readonly byMs: number };

export const isolates = 3;

const isolate = fc.nat(isolates - 1);
const message = fc.nat(20);
const request = fc.nat(5);

function of<Kind extends Step["kind"]>(
  weight: number,
  kinds: readonly Kind[],
  facts: { [Key in Exclude<keyof Extract<Step, { kind: Kind }>, "kind">]: fc.Arbitrary<unknown> },
) {
  return { weight, arbitrary: fc.record({ kind: fc.constantFrom(...kinds), ...facts }) };
}

function often<const T>(value: T, times: number): T[] {
  return Array.from({ length: times }, () => value);
}

const weighted = [
  of(4, ["request"], { isolate, like: fc.constantFrom(...often("any", 6), "bound", "retry") }),
  of(30, ["roundTrip", "roundTrip", "halfTrip"], {
    isolate,
    of: fc.constantFrom(...often("request", 5), ...often("tell", 2), "quiet"),
  }),
  of(9, ["deliver", "answer"], { message }),
  of(6, ["finish"], { isolate, request }),
  of(2, ["tell", "quiet"], { isolate }),
  of(3, ["repeat", "lose", "loseAnswer"], { message }),
  of(3, ["giveUp"], { isolate, message }),
  of(2, ["stream", "vanish"], { isolate, request }),
  of(4, ["kill", "cutOff", ...often("rejoin", 3), ...often("stall", 2)], { isolate }),
  of(1, ["evict", "rest"], {}),
  of(1, ["limit"], { origin: fc.nat(1), maxConns: fc.integer({ min: 1, max: 12 }) }),
  of(4, ["wait"], { ms: fc.oneof(fc.nat(300), fc.nat(800), fc.nat(12_000)) }),
  of(2, ["waitFor"], { moment: fc.nat(30), byMs: fc.constantFrom(-1, 0, 1, 500) }),
];
const step = fc.oneof(...weighted) as fc.Arbitrary<Step>;
const order = of(4, ["order"], {
  origin: fc.nat(1),
  order: fc.constantFrom(...often("down", 3), ...often("drain", 3), "undrain", "up"),
});
/** So long that holders which are idle are taken to be so. */
const pause = of(3, ["wait"], { ms: fc.integer({ min: 4_000, max: 12_000 }) });
const stepOrOrder = fc.oneof(...weighted, order, pause) as fc.Arbitrary<Step>;

/** Long enough for leases to fill an origin, to end, and to be forgotten. */
export const schedules = fc.array(step, { minLength: 1, maxLength: 150, size: "max" });

/** The same, with orders about the origins at home. */
export const drains = fc.array(stepOrOrder, { minLength: 1, maxLength: 150, size: "max" });
