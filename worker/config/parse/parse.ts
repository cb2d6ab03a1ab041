/**
 * From what a user wrote to a config that can be relied on, or to every issue at once. Four steps, each a file:
 * copy to plain data, resolve `${ENV:NAME}`, check shape and rules (both always, so that one run shows everything),
 * fill in defaults.
 */
import type * as z from "zod";
import type { Target } from "../../../core/protocol/config-section.ts";
import type { Config, UpstreamConfig } from "../config.ts";
import { completeConfig, completeUpstream } from "../sections/defaults.ts";
import { routeProblems } from "../sections/route-rules.ts";
import { configSchema, upstreamsSchema } from "../sections/schema.ts";
import { stickyProblems } from "../sections/sticky-rules.ts";
import { upstreamProblems } from "../sections/upstream-rules.ts";
import { interpolate } from "./interpolate.ts";
import type { Lookup } from "./interpolate.ts";
import { toIssues } from "./issue.ts";
import type { ConfigIssue } from "./issue.ts";
import { keysOf, toPlain, valueAt } from "./plain.ts";
import type { Plain, Problem } from "./plain.ts";
import { shapeProblems } from "./shape-problems.ts";

export interface Refused {
  readonly ok: false;
  /** At least one. */
  readonly issues: readonly ConfigIssue[];
}

/**
 * Parses a config: the default export of a `weir.config.ts`, or parsed JSON. `lookup` resolves `${ENV:NAME}`.
 * Never throws, whatever `raw` is, unless `lookup` does.
 */
export function parseConfig(
  raw: unknown,
  lookup: Lookup,
): { readonly ok: true; readonly config: Config } | Refused {
  const checked = check(raw, lookup, configSchema, configProblems);
  return checked.ok ? { ok: true, config: completeConfig(checked.shape) } : checked;
}

/**
 * Parses one section of `upstreams`, by the same rules and with the same paths: a Durable Object is told no more of
 * the config than its own upstream.
 */
export function parseUpstream(
  name: string,
  raw: unknown,
  target: Target,
  lookup: Lookup,
): { readonly ok: true; readonly upstream: UpstreamConfig } | Refused {
  const section = { upstreams: { [name]: raw ?? null } };
  const checked = check(section, lookup, upstreamsSchema, (tree) => upstreamsProblems(tree, target));
  if (!checked.ok) return checked;
  const [upstream] = Object.values(checked.shape.upstreams);
  if (upstream === undefined) throw new Error("the schema accepts no config without an upstream");
  return { ok: true, upstream: completeUpstream(name, upstream) };
}

function configProblems(tree: Plain): Problem[] {
  const target = valueAt(tree, "target") ?? "edge";
  return [...upstreamsProblems(tree, target), ...routeProblems(tree), ...stickyProblems(tree)];
}

function upstreamsProblems(tree: Plain, target: Plain): Problem[] {
  return keysOf(valueAt(tree, "upstreams")).flatMap((name) =>
    upstreamProblems(tree, ["upstreams", name], target),
  );
}

function check<Shape>(
  raw: unknown,
  lookup: Lookup,
  schema: z.ZodType<Shape>,
  rules: (tree: Plain) => Problem[],
): { readonly ok: true; readonly shape: Shape } | Refused {
  const asWritten = toPlain(raw);
  if (asWritten.tooLarge) return { ok: false, issues: toIssues(asWritten.problems, asWritten.value) };
  const resolved = interpolate(asWritten.value, lookup);
  const parsed = schema.safeParse(resolved.value);
  const problems = [
    ...asWritten.problems,
    ...resolved.problems,
    ...(parsed.success ? [] : shapeProblems(parsed.error.issues)),
    ...rules(resolved.value),
  ];
  if (parsed.success && problems.length === 0) return { ok: true, shape: parsed.data };
  return { ok: false, issues: toIssues(problems, asWritten.value) };
}
