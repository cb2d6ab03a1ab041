/**
 * Logins that belong to a connection and not to a request: NTLM, and Negotiate (RFC 4559, which calls it by its name in §5). A server
 * that has admitted one request takes every other one on the same connection for the same user's, whichever client sent it. So no connection
 * on which a request has logged in is ever used for another one (RFC 4559 §6), and where that cannot be had, the scheme is taken off,
 * in both directions.
 *
 * - NTLM takes three messages on one connection, and the runtime binds no connection to a client: it is taken off always.
 * - Negotiate with Kerberos takes one: the request has a connection of its own, which ends behind the answer. Where Weir cannot open
 *   one (at the edge, through bindings, for a WebSocket), it is taken off.
 * - Of schemes that are not known to belong to requests alone, the same is assumed where it costs nothing but time: they have a
 *   connection of their own where there can be one, and pass as they are elsewhere.
 */
import type { Target } from "../../../core/protocol/config-section.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import { logEvent } from "../../telemetry/log-event.ts";
import { mayHaveOwnConnection } from "../../transport/connection-ways.ts";
import type { OwnWay } from "../../transport/origin-request.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import { canBeRewritten } from "../response/rewritable.ts";

export type ConnectionScheme = "ntlm" | "negotiate";

/** What a request's credentials may do to the connection that they are sent on. `unknown`: the scheme is not known. */
export type Login = "none" | ConnectionScheme | "unknown";

/** IANA's HTTP Authentication Scheme Registry but for Negotiate, and what else is common: each request says it anew. */
const ofRequests: ReadonlySet<string> = new Set(
  [
    "basic bearer concealed digest dpop gnap hoba mutual oauth privatetoken scram-sha-1 scram-sha-256 vapid",
    "apikey api-key aws4-hmac-sha256 googlelogin hawk hmac jwt key sharedkey sharedkeylite signature token",
  ].flatMap((names) => names.split(" ")),
);

/**
 * What an Authorization field does to its connection; `null`: there is none. Several fields come as one, joined by commas, and a
 * server may go by any of them.
 */
export function loginOf(authorization: string | null): Login {
  if (authorization === null) return "none";
  const { pieces, isOpen } = piecesOf(authorization);
  const logins = challengesIn(pieces).map(({ scheme }) => loginBy(scheme));
  if (logins.includes("ntlm")) return "ntlm";
  const isClear = logins.length > 0 && !isOpen;
  return logins.find((each) => each !== "none") ?? (isClear ? "none" : "unknown");
}

function loginBy(scheme: string): Login {
  if (scheme === "ntlm" || scheme === "negotiate") return scheme;
  return ofRequests.has(scheme) ? "none" : "unknown";
}

interface AttemptWay {
  readonly upstream: string;
  readonly origin: OriginConfig;
  readonly own: OwnWay | undefined;
}

/** The request's headers without credentials that would log a connection in for others; the same ones if there are none such. */
export function withoutForeignLogin(
  { login, headers }: Pick<PreparedRequest, "login" | "headers">,
  { upstream, origin, own }: AttemptWay,
): Headers {
  if (login === "none" || login === "unknown") return headers;
  const isAlone = own !== undefined && !headers.has("Upgrade");
  if (isAlone && login === "negotiate") return headers;
  const without = new Headers(headers);
  without.delete("Authorization");
  tellOnce(origin, upstream, login);
  return without;
}

/** Takes the challenges off that no client could answer. `headers` are a copy of the origin's, for the client. */
export function dropChallenges(
  headers: Headers,
  { upstream, origin, platform }: Omit<AttemptWay, "own"> & { readonly platform: Target },
): void {
  const said = headers.get("WWW-Authenticate");
  // A value with bytes that cannot be written again stays as it is: a challenge logs no client in.
  if (said === null || !canBeRewritten(said)) return;
  const offered = challengesOf(said);
  const kept = offered.filter(({ scheme }) => {
    const isOff = scheme === "ntlm" || (scheme === "negotiate" && !mayHaveOwnConnection(origin, platform));
    if (isOff) tellOnce(origin, upstream, scheme);
    return !isOff;
  });
  if (kept.length === offered.length) return;
  if (kept.length === 0) headers.delete("WWW-Authenticate");
  else headers.set("WWW-Authenticate", kept.map(({ text }) => text).join(", "));
}

const told = new WeakMap<OriginConfig, Set<string>>();

function tellOnce(origin: OriginConfig, upstream: string, scheme: ConnectionScheme): void {
  const schemes = told.get(origin) ?? new Set();
  told.set(origin, schemes);
  if (schemes.has(scheme)) return;
  schemes.add(scheme);
  const why =
    scheme === "ntlm"
      ? "it logs a connection in over several requests, and no connection can be kept for one client"
      : "it logs a connection in, and the request cannot have one of its own";
  logEvent({ event: "login-refused", upstream, origin: origin.name, scheme, why });
}

/** A piece between two commas: a scheme and what stands behind it, or a further parameter of the one before (RFC 9110 §11.6.1). */
const begins = /^([!#$%&'*+.^_`|~\w-]+)(?:$|[ \t]+(?!=))/;

/** The challenges of a WWW-Authenticate field, or the credentials of an Authorization field, the scheme of each in lower case. */
export function challengesOf(value: string): Challenge[] {
  return challengesIn(piecesOf(value).pieces);
}

interface Challenge {
  readonly scheme: string;
  readonly text: string;
}

function challengesIn(pieces: readonly string[]): Challenge[] {
  const challenges: { scheme: string; text: string[] }[] = [];
  for (const piece of pieces) {
    const scheme = begins.exec(piece)?.[1]?.toLowerCase();
    const last = challenges.at(-1);
    if (scheme !== undefined || last === undefined) challenges.push({ scheme: scheme ?? "", text: [piece] });
    else last.text.push(piece);
  }
  return challenges.map(({ scheme, text }) => ({ scheme, text: text.join(", ") }));
}

/**
 * What stands between the commas that are in no quoted string; empty pieces are none. `isOpen`: a quoted string has no end. A server that
 * does not mind finds a login behind any comma, so all of them count then.
 */
function piecesOf(value: string): { readonly pieces: readonly string[]; readonly isOpen: boolean } {
  const pieces: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at <= value.length; at += 1) {
    const char = value[at];
    if (isQuoted && char === "\\") at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if ((char === "," && !isQuoted) || char === undefined) {
      const piece = value.slice(start, at).trim();
      if (piece !== "") pieces.push(piece);
      start = at + 1;
    }
  }
  if (!isQuoted) return { pieces, isOpen: false };
  const all = value.split(",").map((piece) => piece.trim());
  return { pieces: all.filter((piece) => piece !== ""), isOpen: true };
}
