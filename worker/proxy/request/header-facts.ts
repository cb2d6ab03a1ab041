/** What rules and conditions know of a request's headers (`core/rules/request-facts.ts`). */
import { readCookies } from "./sticky-cookie.ts";

/** @param name in lower case. @returns several of a name joined by ", "; `undefined`: there is none. */
export const headerIn = (headers: Headers, name: string): string | undefined =>
  headers.get(name) ?? undefined;

/** The first cookie of this name. */
export const cookieIn = (headers: Headers, name: string): string | undefined =>
  readCookies(headers.get("Cookie") ?? "", name)[0];
