/**
 * Targets of rewrites and redirects: a template of a path and, behind the first `?`, of a query; for redirects an authority in front.
 * The template's own text says where each part begins, so no value of a variable can begin another one. The authority has no variable
 * but the host that was asked for: nothing else that a client sends leads a redirect to another host.
 */
import { escapeFor } from "../templates/escape.ts";
import {
  isTemplate,
  lackingCapture,
  parseTemplate,
  render,
  type Groups,
  type Template,
  type TemplateProblem,
  type ValueOf,
  type Variable,
} from "../templates/template.ts";

export interface UrlTemplate {
  /** `https://www.${host}`, or `//…` in none: absent, the client stays on its host. */
  readonly base?: Template;
  readonly path: Template;
  /** Absent: the request's own query is kept. Empty: there is none. */
  readonly query?: Template;
  /** With its `#`. */
  readonly fragment: string;
}

/** An authority is of names, addresses, a port, and the host that was asked for. */
const parts =
  /^(?<base>(?:https?|\$\{scheme\}):\/\/(?:\$\{host\}|[\w.:[\]-])+)?(?<path>[^?#]*)(?<query>\?[^#]*)?(?<fragment>#.*)?$/s;

const urlExpected = 'a path from "/", such as "/new${rest}?page=${arg.page}"';
const redirectExpected = `${urlExpected}, or a URL, such as "https://www.example.com\${path}", in whose host no variable but \${host} stands`;

/** @param isRedirect it may begin with a scheme and a host, and end with a fragment. */
export function parseUrlTemplate(text: string, isRedirect: boolean): UrlTemplate | TemplateProblem {
  const { base, path = "", query, fragment = "" } = parts.exec(text)?.groups ?? {};
  const hasOwnHost = base !== undefined || fragment !== "";
  if ((hasOwnHost && !isRedirect) || !isUrlText(text) || !beginsPath(path, base !== undefined))
    return { found: JSON.stringify(text), expected: isRedirect ? redirectExpected : urlExpected };
  const bases = parseTemplate(base ?? "");
  if (!isTemplate(bases)) return bases;
  const paths = parseTemplate(path === "" ? "/" : path);
  if (!isTemplate(paths)) return paths;
  const queries = parseTemplate(query?.slice(1) ?? "");
  if (!isTemplate(queries)) return queries;
  return {
    path: paths,
    fragment,
    ...(base !== undefined && { base: bases }),
    ...(query !== undefined && { query: queries }),
  };
}

/** What is wrong with the template beside a pattern with these groups; `undefined`: nothing. */
export function lackingInUrl({ path, query = [] }: UrlTemplate, groups: Groups): TemplateProblem | undefined {
  return lackingCapture(path, groups) ?? lackingCapture(query, groups);
}

/** What may stand in a URL (RFC 3986 §2), and variables. */
function isUrlText(text: string): boolean {
  return /^[\w!#$%&'()*+,./:;=?@[\]{}~-]*$/.test(text);
}

/** From a slash, or from what begins with one by itself. A whole URL may have no path. */
function beginsPath(path: string, hasBase: boolean): boolean {
  return /^\/(?!\/)|^\$\{(?:path|rest|[1-9]\d?|[A-Za-z_]\w*)\}/.test(path) || (hasBase && path === "");
}

export interface RenderedUrl {
  /** As `https://example.com`; absent: the request's own. */
  readonly base?: string;
  /** From one slash. */
  readonly path: string;
  /** Without its question mark; "": none. */
  readonly query: string;
}

/** The target for a request whose query is this one. */
export function renderUrl(
  { base, path, query }: UrlTemplate,
  valueOf: ValueOf,
  ownQuery: string,
): RenderedUrl {
  const written = render(path, valueOf, (value, variable) => escapeFor("path", value, variable));
  const queried = query && render(query, valueOf, escapeInQuery);
  return {
    path: `/${written.replace(/^\/+/, "")}`,
    // Of `a=1&${query}` for a request without a query.
    query: queried?.replace(/&$/, "") ?? ownQuery,
    ...(base !== undefined && { base: render(base, valueOf, (value) => value) }),
  };
}

/** The request's query is one only where an argument could begin; behind `next=` it is a value like any other. */
function escapeInQuery(value: string, variable: Variable, before: string): string {
  const isWhole = variable.is === "query" && /(?:^|&)$/.test(before);
  return escapeFor(isWhole ? "query" : "argument", value, variable);
}

/** Path and query in one. */
export const targetOf = ({ path, query }: RenderedUrl): string => (query === "" ? path : `${path}?${query}`);
