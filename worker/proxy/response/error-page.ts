/**
 * The page of an error: self-contained, since what it would load may be what failed, and in the colours that the
 * reader prefers.
 */

export interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly requestId: string;
}

/** The operator's page, with `{status}`, `{message}` and `{requestId}` filled in, escaped. Other braces stay. */
export function fillPage(html: string, { status, message, requestId }: ErrorFacts): string {
  const facts: Readonly<Record<string, string>> = { status: String(status), message, requestId };
  return html.replaceAll(/\{(status|message|requestId)\}/g, (_, name: string) =>
    escapeHtml(facts[name] ?? ""),
  );
}

/** The page for an error. Every value is escaped. */
export function errorPage(error: ErrorFacts): string {
  const message = escapeHtml(error.message);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${error.status} · ${message}</title>
<style>
:root { color-scheme: light dark; --ground: #f6f7f9; --ink: #1c2430; --muted: #667080; --line: #2f7fb5; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161c; --ink: #e6eaf0; --muted: #8f9aab; --line: #5aa9dc; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 2rem; padding-left: 1.5rem; border-left: 4px solid var(--line); }
h1 { margin: 0; font-size: 3rem; line-height: 1; font-weight: 600; }
p { margin: 0.75rem 0 0; }
small { color: var(--muted); overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>${error.status}</h1>
<p>${message}</p>
<p><small>Request ${escapeHtml(error.requestId)}</small></p>
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? "");
}
