/**
 * What a bad probe smells of: the mistakes that stand behind most of them, and what to change. A probe is no browser: it
 * asks for the origin's own address, over plain HTTP perhaps, without a login. Pure.
 *
 * A hint goes to the log and the API, so it repeats nothing that may be a secret: of the config only the origin's host,
 * of the answer nothing.
 *
 * Sources: Django's `ALLOWED_HOSTS`, `USE_X_FORWARDED_HOST`, `SECURE_SSL_REDIRECT` and `APPEND_SLASH`; Rails'
 * `config.hosts` (403); uWSGI's "Native HTTP support" (`http-socket` and `socket`).
 */
import type { FailureKind } from "../../core/health/judgement.ts";
import type { ActiveHealth } from "../../core/model/upstream.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import { isIpAddress } from "../config/kinds/host.ts";
import { baseUrl } from "./base-url.ts";

/** What came of the probe: a status, and where it leads if that is a redirect; or a failure without an answer. */
export type ProbeSeen =
  | { readonly status: number; readonly location?: string | null }
  | { readonly failure: FailureKind };

/** What was asked, and of which origin. */
export interface ProbeAsked {
  readonly origin: Pick<OriginConfig, "url" | "host">;
  readonly health: Pick<ActiveHealth, "path" | "headers" | "method">;
}

/** What to look at, or to change, in one or two sentences; `undefined`: nothing is known that would help. */
export function probeHint(seen: ProbeSeen, asked: ProbeAsked): string | undefined {
  return "failure" in seen ? failureHint(seen.failure, asked) : statusHint(seen, asked);
}

function statusHint(
  { status, location }: Exclude<ProbeSeen, { failure: FailureKind }>,
  asked: ProbeAsked,
): string {
  if (status >= 300 && status <= 399) return redirectHint(location ?? "", asked);
  switch (status) {
    case 400:
    case 421:
      return hostHint(asked);
    case 401:
    case 407:
      return "The server wants a login: set health.path to a page that needs none, or set health.headers so that the server admits the probe.";
    case 403:
      return `The server forbids it: set health.path to a page that needs no login; or the server does not take "Host: ${hostOf(asked)}" (Rails: config.hosts), or this address.`;
    case 404:
    case 410:
      return "The server has nothing there: set health.path to a page that answers 200 without a login.";
    case 405:
      return `The page does not take ${asked.health.method}: change health.method, or health.path.`;
    case 429:
      return "The server limits the rate of requests: exempt the health path from that limit.";
    case 502:
    case 504:
      return "A gateway answered, and the server behind it did not: look at that server.";
    case 503:
      return "The server says that it is not ready, or in maintenance: its own log says why.";
    default:
      if (status >= 500) return "The page fails: the server's own log says why.";
      return "health.expect has no such status: add it there, or set health.path to a page that answers as expected.";
  }
}

/** A check of Host is what a probe fails first, since browsers ask for another host than probes do. */
function hostHint(asked: ProbeAsked): string {
  const host = hostOf(asked);
  const name = host.replace(/:\d+$/, "");
  if (isOnTlsPort(asked)) return "Perhaps the port speaks TLS: write https:// in the origin's url.";
  return (
    `Perhaps the server refuses "Host: ${host}", as it does not know that host: let it know it (Django: add "${name}" to ALLOWED_HOSTS), ` +
    'or, where it goes by X-Forwarded-Host, set health.headers: { "X-Forwarded-Host": "a host that it knows" }.'
  );
}

function redirectHint(location: string, asked: ProbeAsked): string {
  const here = new URL(baseUrl(asked.origin) + asked.health.path);
  if (!URL.canParse(location, here.href))
    return "It redirects: set health.path to a page that answers itself.";
  const target = new URL(location, here.href);
  if (here.protocol === "http:" && target.protocol === "https:") {
    return 'The server sends http to https (Django: SECURE_SSL_REDIRECT): set health.headers: { "X-Forwarded-Proto": "https" }, and let the server believe it (Django: SECURE_PROXY_SSL_HEADER).';
  }
  if (target.pathname === `${here.pathname}/`)
    return "The server wants a slash at the end: add it to health.path.";
  if (/log-?in|sign-?in|auth|sso/i.test(target.pathname)) {
    return "The server sends the probe to a login: set health.path to a page that needs none.";
  }
  return "It redirects: set health.path to a page that answers itself, or health.headers to what a browser would say.";
}

function failureHint(failure: FailureKind, asked: ProbeAsked): string | undefined {
  const host = hostOf(asked);
  switch (failure) {
    case "refused":
      return `Nothing listens on ${host}: look at the process, and at the address and port that it listens on${isName(asked) ? "; or the name cannot be resolved" : ""}.`;
    case "malformed":
      return `What listens on ${host} does not speak HTTP/1.1 there: uWSGI does on http-socket, not on socket; PHP-FPM needs a web server in front.${tlsNote(asked)}`;
    case "reset":
      return `Either nothing listens on ${host} (look at the process, and at its address and port), or it does not speak HTTP there: uWSGI does on http-socket, not on socket; PHP-FPM needs a web server in front.${tlsNote(asked)}`;
    case "timeout":
      return `The server did not answer within health.timeout: it is overloaded or hangs, a firewall drops what is sent to ${host}, or it does not speak HTTP there (uWSGI does on http-socket, not on socket).`;
    case "dns":
      return `The name in "${host}" cannot be resolved: look at its spelling, and at DNS where Weir runs.`;
    case "tls":
      return certificateHint(host);
    case "unreachable":
      return asked.origin.url.startsWith("https:")
        ? `Either the name in "${host}" cannot be resolved, or: ${certificateHint(host)} An event "runtime" in the log may say more.`
        : `There is no way to ${host}: its name cannot be resolved, there is no route or no tunnel. An event "runtime" in the log may say more.`;
    case "rejected":
      return "The platform did not send it, or did not admit it: look at the origin's access token, and at the limits of the plan.";
    case "misconfigured":
      return "The binding that the origin's via names is not there: declare it where Weir is deployed.";
    case "unsendable":
      return "The probe cannot be sent: look at health.method and health.headers.";
    case "aborted":
      return undefined;
  }
}

const certificateHint = (host: string): string =>
  `the certificate is not one for "${host}", is out of date, or its authority is not known here (NODE_EXTRA_CA_CERTS names your own).`;

const tlsNote = (asked: ProbeAsked): string =>
  isOnTlsPort(asked) ? " If the port speaks TLS, write https:// in the origin's url." : "";

/** Plain HTTP to a port that is usually TLS's. */
function isOnTlsPort({ origin }: ProbeAsked): boolean {
  const { protocol, port } = new URL(origin.url);
  return protocol === "http:" && (port === "443" || port === "8443");
}

/** Whether it has to be looked up first. */
const isName = ({ origin }: ProbeAsked): boolean => !isIpAddress(new URL(origin.url).hostname);

/** The Host that the probe says. */
const hostOf = ({ origin }: ProbeAsked): string => new URL(baseUrl(origin)).host;
