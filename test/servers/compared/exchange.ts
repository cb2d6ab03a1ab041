/** Asks a server, and says what of its answer and of what the origin saw tells servers apart. */
import { Agent, type IncomingHttpHeaders } from "node:http";

import { ask, type Got } from "../../support/ask.ts";
import { kindsOfRequests } from "./kinds.ts";
import { numberHeader, type NotingOrigin } from "./noting-origin.ts";
import { readingOf } from "./reading.ts";
import type { ComparedRequest } from "./requests.ts";
import { hostOf, type RuleSet } from "./rule-set.ts";

/** What came of a request. */
export interface Exchange {
  readonly status: number;
  /** As a whole URL. */
  readonly location?: string;
  /** Method and target of what the origin got; absent: nothing. */
  readonly origin?: string;
  /** What else the set compares, by name. */
  readonly beside?: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 12 });
let last = 0;

/** Asks the server at this URL. */
export async function exchange(
  url: string,
  { set, target, kind }: ComparedRequest,
  origin: NotingOrigin,
): Promise<Exchange> {
  const number = String((last += 1));
  const host = hostOf(set);
  const { headers, ...asked } = kindsOfRequests[kind];
  const answer = await ask(url, {
    ...asked,
    path: target,
    agent,
    headers: { Origin: "https://app.test", ...headers, Host: host, [numberHeader]: number },
  });
  const noted = origin.take(number);
  const { location } = answer.headers;
  const beside = besides(set, answer, noted?.headers);
  return {
    status: answer.status,
    ...(location !== undefined && {
      location: location.startsWith("/") ? `http://${host}${location}` : location,
    }),
    ...(noted && { origin: noted.line }),
    ...(beside.length > 0 && { beside: Object.fromEntries(beside) }),
  };
}

function besides(
  { compares: { atOrigin, atClient, body } = {} }: RuleSet,
  answer: Got,
  received: IncomingHttpHeaders = {},
): (readonly [name: string, value: string])[] {
  const pick = (at: string, names: RegExp | undefined, from: IncomingHttpHeaders) =>
    Object.keys(from)
      .filter((name) => names?.test(name))
      .toSorted()
      .map((name) => [`${at} ${name}`, comparable(name, from[name] ?? "")] as const);
  return [
    ...pick("origin", atOrigin, received),
    ...pick("client", atClient, answer.headers),
    ...(body === undefined ? [] : [["body", body.exec(answer.body.toString())?.[0] ?? "none"] as const]),
  ];
}

/** Flags of cookies in one case and order, and cookies, too. */
function comparable(name: string, value: string | readonly string[]): string {
  if (name !== "set-cookie") return String(value);
  const cookies = [value].flat().map((cookie) => cookie.toLowerCase().split(/; */).toSorted().join("; "));
  return cookies.toSorted().join(", ");
}

/** Whether both say the same to an application, and to a client that is redirected. */
export function readAlike(one: Exchange, other: Exchange): boolean {
  return readingOfExchange(one) === readingOfExchange(other);
}

function readingOfExchange({ location, origin, ...rest }: Exchange): string {
  return JSON.stringify([rest, location && readingOf(location), origin && readingOf(origin)]);
}
