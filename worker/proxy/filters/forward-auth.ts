/**
 * `forwardAuth` of a route: a service says yes or no to each request. With a yes (2xx) the request goes on; any other answer below 500 is the
 * client's: a redirect to a login, a 401 with its challenge. All else (no answer, a late one, a 5xx) closes the route, and only the log
 * says why. Traefik's ForwardAuth relays answers so; nginx's `auth_request` has only 401 and 403.
 */
import type { ActiveUpstream } from "../../active-config.ts";
import type { ForwardAuthConfig } from "../../config/sections/forward-auth.ts";
import { dropBody } from "../response/drop-body.ts";
import { sendAside } from "../side-request.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import { refuse, type FilterMaker, type RequestVerdict } from "./filter.ts";

/** What the client's answer gets of the service's. */
const granted = new PerRequest<readonly HeaderField[]>();

type HeaderField = readonly [name: string, value: string];

export const forwardAuthFilter: FilterMaker = ({ route: { forwardAuth }, upstreamOf }) => {
  if (forwardAuth === undefined) return undefined;
  const upstream = upstreamOf(forwardAuth.upstream);
  return {
    name: "forwardAuth",
    onThrow: "refuse",
    onRequest: (tx) => askService(tx, upstream, forwardAuth),
    onSend: (tx, { headers }) => {
      for (const [name, value] of granted.of(tx) ?? []) headers.append(name, value);
    },
  };
};

async function askService(
  tx: Transaction,
  upstream: ActiveUpstream,
  { path, timeoutMs, requestHeaders, originHeaders, clientHeaders }: ForwardAuthConfig,
): Promise<RequestVerdict | undefined> {
  const { method, url } = tx;
  const answer = await sendAside(tx, {
    by: "forwardAuth",
    upstream,
    method: "GET",
    target: path,
    headers: forService(tx.request.headers, requestHeaders),
    timeoutMs,
    edit: (headers) => {
      headers.set("X-Forwarded-Method", method);
      headers.set("X-Forwarded-Uri", url.target);
    },
  });
  if (answer.kind === "failed") return refuse({ kind: "auth-failed" });
  const { response } = answer;
  const { status } = response;
  const isNo = 300 <= status && status < 500 && status !== 304;
  if (isNo) return { kind: "answer", answer: { kind: "response", response } };
  tx.waitUntil(dropBody(response));
  if (status < 200 || status >= 300) return refuse({ kind: "auth-failed" });
  const fields = fieldsOf(response.headers, originHeaders);
  if (originHeaders.length > 0) tx.editOriginHeaders((headers) => replace(headers, originHeaders, fields));
  if (clientHeaders.length > 0) granted.keep(tx, fieldsOf(response.headers, clientHeaders));
  return undefined;
}

/** Of the body, which the service does not get; of ranges and conditions, by which its answer would be another; what would code its answer. */
const ofOtherAnswers =
  /^(?:content-.*|expect|range|if-.*|accept-encoding|transfer-encoding|upgrade|sec-websocket-.*)$/;

function forService(received: Headers, named: readonly string[] | undefined): Headers {
  const headers = new Headers();
  for (const [name, value] of received) {
    if (!ofOtherAnswers.test(name) && named?.includes(name) !== false) headers.append(name, value);
  }
  return headers;
}

function fieldsOf(headers: Headers, names: readonly string[]): HeaderField[] {
  return names.flatMap((name) => {
    if (name.toLowerCase() === "set-cookie")
      return headers.getSetCookie().map((cookie): HeaderField => [name, cookie]);
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
}

/** Under these names there is only what the service says: a client cannot say it. */
function replace(headers: Headers, names: readonly string[], fields: readonly HeaderField[]): void {
  for (const name of names) headers.delete(name);
  for (const [name, value] of fields) headers.append(name, value);
}
