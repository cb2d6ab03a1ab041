/** What rules and templates can know of a request. Each fact is worked out when it is asked for: most rules need few of them. */
import type { ValueOf } from "../templates/template.ts";
import type { Captures } from "./pattern.ts";

export interface RequestFacts {
  readonly method: string;
  readonly scheme: string;
  /** With its port, unless that is the scheme's own. */
  readonly host: string;
  readonly requestId: string;
  readonly client: string | undefined;
  /** By name in lower case; several of a name joined by ", ". */
  readonly header: (name: string) => string | undefined;
  /** The first of this name. */
  readonly cookie: (name: string) => string | undefined;
}

/** Where a request is: its path and query, which rules change on the way. */
export interface RequestPlace {
  /** As it is sent on. */
  readonly path: string;
  /** In the form of `core/routing/path.ts`. */
  readonly routingPath: string;
  /** Without its question mark. */
  readonly query: string;
}

/** What a rule has found of the place. */
export interface PathMatch {
  /** What follows the prefix. */
  readonly rest: string;
  readonly captures: Captures;
}

/** The first argument of this name in a query, as it is written; names are compared decoded. */
export function argumentOf(query: string, name: string): string | undefined {
  for (const argument of query.split("&")) {
    const equals = argument.indexOf("=");
    const written = equals === -1 ? argument : argument.slice(0, equals);
    if (decoded(written) === name) return equals === -1 ? "" : argument.slice(equals + 1);
  }
  return undefined;
}

/** A name or a value of a form decoded (WHATWG URL §5.1); as it is written where that is no UTF-8. */
export function decoded(written: string): string {
  if (!/[%+]/.test(written)) return written;
  try {
    return decodeURIComponent(written.replaceAll("+", " "));
  } catch {
    return written;
  }
}

/** What variables stand for. */
export function valuesOf(facts: RequestFacts, place: RequestPlace, match: PathMatch): ValueOf {
  return (variable) => {
    switch (variable.is) {
      case "path":
        return place.path;
      case "query":
        return place.query;
      case "rest":
        return match.rest;
      case "method":
        return facts.method;
      case "scheme":
        return facts.scheme;
      case "host":
        return facts.host;
      case "client":
        return facts.client;
      case "requestId":
        return facts.requestId;
      case "header":
        return facts.header(variable.name);
      case "cookie":
        return facts.cookie(variable.name);
      case "arg":
        return argumentOf(place.query, variable.name);
      case "capture":
        return match.captures.get(variable.group);
    }
  };
}
