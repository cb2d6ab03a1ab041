/** What an origin writes to register itself, renew that, or say goodbye. */
import type { ConfigIssue } from "./parse/issue.ts";
import { toIssues } from "./parse/issue.ts";
import { flag, option, section, text } from "./kinds/fields.ts";
import { toPlain } from "./parse/plain.ts";
import { shapeProblems } from "./parse/shape-problems.ts";
import { name } from "./sections/pool-schema.ts";
import { parseAddress } from "./kinds/url-pattern.ts";

const registration = section("an object with name and url", {
  name: name.describe("Unique in the upstream."),
  url: text("http: or https:, a host and a port, and nothing else", parseAddress).describe("Where it is."),
  leaving: option(flag(), "It wants to be drained, and to leave. Default false."),
});

export interface RegistrationBody {
  readonly name: string;
  readonly url: string;
  readonly leaving?: boolean;
}

export type ParsedRegistration =
  | { readonly ok: true; readonly body: RegistrationBody }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** Reads a body. Never throws; all issues at once, `(body)` is the whole. */
export function parseRegistration(json: string): ParsedRegistration {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    const expected = 'JSON, such as {"name":"cloud-7","url":"http://10.0.3.7:8080"}';
    return { ok: false, issues: [{ path: "(body)", found: `${json.length} characters`, expected }] };
  }
  const { value, problems } = toPlain(raw);
  const parsed = registration.safeParse(value);
  if (parsed.success && problems.length === 0) return { ok: true, body: parsed.data };
  const shape = parsed.success ? [] : shapeProblems(parsed.error.issues);
  const issues = toIssues([...problems, ...shape], value).map(({ path, found, expected }) => ({
    path: path === "(config)" ? "(body)" : path,
    found,
    expected,
  }));
  return { ok: false, issues };
}
