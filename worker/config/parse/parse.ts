/**
 * From what a user wrote to a config that can be relied on, or to every issue at once. Four steps, each a file: copy to plain
 * data, resolve `${ENV:NAME}`, read the sections with their rules (`section.ts`), compile what they say.
 */
import type { Target } from "../../../core/protocol/config-section.ts";
import { compileConfig, config, upstreams, type Config } from "../sections/config.ts";
import { compileUpstream, type UpstreamConfig } from "../sections/upstream.ts";
import { section, required, type Part } from "../section.ts";
import { interpolate } from "./interpolate.ts";
import type { Lookup } from "./interpolate.ts";
import { toIssues } from "./issue.ts";
import type { ConfigIssue } from "./issue.ts";
import { keysOf, toPlain, valueAt } from "./plain.ts";
import type { Plain, Problem } from "./plain.ts";

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
  const read = readPart(config, raw, lookup, (tree) => {
    // Only an absent target is "edge": beside one that cannot be read no rule of the edge is judged.
    const target = valueAt(tree, "target");
    return target === undefined ? "edge" : target;
  });
  return read.ok ? { ok: true, config: compileConfig(read.values) } : read;
}

/** A config of nothing but upstreams: what is left when one of them is judged alone. */
const oneUpstream = section("OneUpstream", {
  /**  */
  upstreams: required(upstreams),
});

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
  const read = readPart(oneUpstream, { upstreams: { [name]: raw ?? null } }, lookup, () => target);
  if (!read.ok) return read;
  const [values] = Object.values(read.values.upstreams);
  if (values === undefined) throw new Error("no config without an upstream is accepted");
  return { ok: true, upstream: compileUpstream(name, values) };
}

function readPart<Values>(
  part: Part<Values>,
  raw: unknown,
  lookup: Lookup,
  targetOf: (tree: Plain) => Plain,
): { readonly ok: true; readonly values: Values } | Refused {
  const asWritten = toPlain(raw);
  if (asWritten.tooLarge) return { ok: false, issues: toIssues(asWritten.problems, asWritten.value, part) };
  const resolved = interpolate(asWritten.value, lookup);
  const problems = [...asWritten.problems, ...resolved.problems];
  const values = part.read(resolved.value, [], { target: targetOf(resolved.value), problems });
  problems.push(...tooLong(resolved.value));
  if (typeof values !== "symbol" && problems.length === 0) return { ok: true, values };
  return { ok: false, issues: toIssues(problems, asWritten.value, part) };
}

/** An upstream is kept as one value by its objects, where 2 MB is the most, and each character may take two bytes. */
const maxCharacters = 1_000_000;

function tooLong(tree: Plain): Problem[] {
  const upstreams = valueAt(tree, "upstreams");
  return keysOf(upstreams).flatMap((name) => {
    const { length } = JSON.stringify(valueAt(upstreams, name) ?? null);
    if (length <= maxCharacters) return [];
    const expected = `at most ${maxCharacters} characters as JSON: its objects keep it as one value`;
    return [{ path: ["upstreams", name], found: `${length} characters`, expected }];
  });
}
