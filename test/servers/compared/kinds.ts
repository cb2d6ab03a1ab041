/** In what ways paths are asked for. */

/** In what ways paths are asked, all of them with the `Origin` of a script. */
export const kindsOfRequests = {
  get: { method: "GET", headers: { Accept: "text/html,*/*;q=0.8" } },
  post: { method: "POST", headers: { "Content-Type": "text/plain" }, body: "sent" },
  delete: { method: "DELETE", headers: {} },
  // What conditions go by.
  visit: {
    method: "GET",
    headers: {
      Accept: "text/html,*/*;q=0.8",
      "User-Agent": "Mozilla/5.0 (X11; Linux) SomeBot/1.0",
      "Accept-Language": "de-AT,de;q=0.9",
      Cookie: "theme=dark; beta=1; session=7",
      Referer: "http://elsewhere.test/agents.test/",
      "X-Key": "secret",
      // What no client may make others believe, or is to be taken off.
      "X-Forwarded-For": "192.0.2.1",
      "X-Forwarded-Host": "evil.test",
      "X-Real-IP": "192.0.2.1",
      "X-Tenant": "forged",
      "X-Secret": "s",
      "X-None": "1",
      "Accept-Encoding": "br",
    },
  },
  login: { method: "GET", headers: { Authorization: authorization("alice:open sesame") } },
  wrong: { method: "GET", headers: { Authorization: authorization("alice:open says me") } },
  head: { method: "HEAD", headers: { "User-Agent": "Mozilla/5.0", Referer: "http://www.agents.test/a" } },
} as const;

export type KindOfRequest = keyof typeof kindsOfRequests;

export const mostKinds: readonly KindOfRequest[] = ["get", "post", "visit"];
export const allMethods: readonly KindOfRequest[] = [...mostKinds, "delete", "head"];

function authorization(login: string): string {
  return `Basic ${Buffer.from(login).toString("base64")}`;
}
