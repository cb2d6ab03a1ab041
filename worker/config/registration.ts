/** What an origin writes to register itself, renew that, or say goodbye. */
import { flag, text } from "./kinds/fields.ts";
import { name } from "./kinds/name.ts";
import { parseAddress } from "./kinds/url-pattern.ts";
import type { ConfigIssue } from "./parse/issue.ts";
import { toIssues } from "./parse/issue.ts";
import { toPlain } from "./parse/plain.ts";
import { optional, required, section, type ValuesOf } from "./section.ts";

const registration = section("WeirRegistration", {
  /** Unique in the upstream. */
  name: required(name),
  /** Where it is. */
  url: required(text("http: or https:, a host and a port, and nothing else", parseAddress)),
  /** It wants to be drained, and to leave. */
  leaving: optional(flag(), "`false`"),
});

export type RegistrationBody = ValuesOf<typeof registration>;

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
  const found = [...problems];
  const values = registration.read(value, [], { target: null, problems: found });
  if (typeof values !== "symbol" && found.length === 0) return { ok: true, body: values };
  const issues = toIssues(found, value, registration).map(({ path, found, expected }) => ({
    path: path === "(config)" ? "(body)" : path,
    found,
    expected,
  }));
  return { ok: false, issues };
}
