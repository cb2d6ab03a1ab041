/**
 * The ways to an origin: a public `fetch`, or the `fetch` of a binding (a Workers VPC network or service, an mTLS
 * certificate, another Worker), on a connection that the platform chooses; or a connection of the request's own
 * (`own-connection/`), public or of a VPC network. What must hold for every one of them is set here, so that no caller can forget it:
 *
 * - Redirects are the client's to follow, not the proxy's.
 * - Bodies stay as the origin encoded them. Under the platform's default a body that passes through any stream of
 *   ours is decoded on the way, and its Content-Encoding no longer tells the truth. Code that puts such a body into a
 *   `Response` must say `encodeBody: "manual"`, or it is compressed a second time.
 */
import { connect as connectPublicly } from "cloudflare:sockets";

import type { Via } from "../config/sections/way.ts";
import type { Connect } from "./own-connection/open-connection.ts";
import { sendOnOwnConnection, type OwnInit, type OwnTerms } from "./own-connection/own-connection.ts";

export interface Transport<Init = RequestInit> {
  /** Sends a request. `classifyThrown` in `failure.ts` reads what it rejects with: what the platform does, or a failure of our own. */
  send(url: string, init: Init): Promise<Response>;
}

/** The config names a binding that the deployment does not have, or that is not one to fetch through. */
export class TransportMisconfigured extends Error {
  override readonly name = "TransportMisconfigured";

  constructor(binding: string, found: unknown, method: "fetch" | "connect" = "fetch") {
    const what =
      found === undefined ? "there is no such binding" : `a binding (${typeof found}) without ${method}()`;
    super(`origin via binding ${JSON.stringify(binding)}: ${what}; expected a VPC, mTLS or service binding`);
  }
}

const always = { redirect: "manual", encodeResponseBody: "manual" } as const;

const publicFetch: Transport = { send: (url, init) => fetch(url, { ...init, ...always }) };

/**
 * The transport for `via`. It is made for one request: bindings belong to the request that they came with. A
 * missing or wrong binding is reported by `send`, as a failure of the attempt, never here.
 */
export function transportFor(via: Via, bindings: object): Transport {
  if (via === "fetch") return publicFetch;
  const bound: unknown = Reflect.get(bindings, via.binding);
  if (!can(bound, "fetch")) {
    return { send: () => Promise.reject(new TransportMisconfigured(via.binding, bound)) };
  }
  return { send: (url, init) => bound.fetch(url, { ...init, ...always }) };
}

/**
 * The transport over a connection of the request's own. On these `terms`: they say what becomes of the connection behind the
 * answer.
 */
export function ownConnectionFor(via: Via, bindings: object, terms: OwnTerms): Transport<OwnInit> {
  const over = (connect: Connect): Transport<OwnInit> => ({
    send: (url, init) => sendOnOwnConnection(connect, url, init, terms),
  });
  if (via === "fetch") return over(connectPublicly);
  const bound: unknown = Reflect.get(bindings, via.binding);
  if (!can(bound, "connect")) {
    return { send: () => Promise.reject(new TransportMisconfigured(via.binding, bound, "connect")) };
  }
  return over((address, options) => bound.connect(address, options));
}

function can<Method extends "fetch" | "connect">(
  bound: unknown,
  method: Method,
): bound is Pick<Fetcher, Method> {
  return typeof bound === "object" && bound !== null && typeof Reflect.get(bound, method) === "function";
}
