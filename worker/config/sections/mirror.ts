/** `mirror` of a route: copies of its requests for another upstream, whose answers are dropped. */
import { duration, integer, share, size } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import type { Rule } from "../rule.ts";
import { option, required, section, type ValuesOf } from "../section.ts";
import type { SplitRoute } from "./split.ts";

export const mirror = section("WeirMirror", {
  /** The upstream that gets the copies. Its limits hold for them as for any request. */
  upstream: required(name),
  /** The share of the requests that is copied. */
  share: option(share(1), 1),
  /** A request with a larger body is not copied. */
  maxBody: option(size("0B", "64KiB"), "64KiB"),
  /** For so long a copy may take. */
  timeout: option(duration("100ms", "60s"), "10s"),
  /** So many copies of the route may be under way at a time, in one isolate; beyond that, requests are not copied. */
  atMost: option(integer(1, 1_000), 32),
});

export type MirrorConfig = ReturnType<typeof compileMirror>;

export function compileMirror({ maxBody, timeout, ...rest }: ValuesOf<typeof mirror>) {
  return { ...rest, maxBodyBytes: maxBody, timeoutMs: timeout };
}

/** Copies go to another upstream than the requests. */
export const mirrorRule: Rule<
  SplitRoute & { readonly mirror?: Pick<ValuesOf<typeof mirror>, "upstream"> }
> = ({ upstream, split, mirror }) => {
  if (mirror === undefined) return undefined;
  if (upstream === undefined) return { path: ["mirror"], expected: "upstream beside it: requests to copy" };
  const isServed = mirror.upstream === upstream || Object.hasOwn(split?.shares ?? {}, mirror.upstream);
  const found = "an upstream that serves the route itself";
  return isServed && { path: ["mirror", "upstream"], found, expected: "another upstream" };
};
