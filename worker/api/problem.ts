/** Problems in the API's own shape: what is wrong, and what to do. */
import type { ConfigIssue } from "../config/parse/issue.ts";

export function problem(
  status: 400 | 403 | 404 | 409 | 413 | 429 | 500,
  code: string,
  message: string,
  issues?: readonly ConfigIssue[],
): Response {
  const error = { status, code, message, ...(issues && { issues: issues.map(textsOf) }) };
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store" } });
}

const textsOf = ({ path, found, expected }: ConfigIssue): ConfigIssue => ({ path, found, expected });

export const configRefused = (issues: readonly ConfigIssue[]): Response =>
  problem(500, "config-refused", "The configuration was refused.", issues);

/** There is nothing of that name. @param which says more of those that there are. */
export function unknown(what: string, found: string, known: readonly string[], which = ""): Response {
  const listed = `Known${which && `, ${which}`}: ${known.join(", ") || "none"}.`;
  return problem(404, `unknown-${what}`, `There is no ${what} "${found}". ${listed}`);
}
