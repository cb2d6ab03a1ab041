/** A key that requests have: a part of them that a config names, such as `header:X-Tenant`. */
import * as z from "zod";

import type { HashKey } from "../../../core/model/upstream.ts";
import { list, text } from "./fields.ts";
import { hasControls, isToken } from "./http-syntax.ts";

const named = '"address", "header:NAME", "cookie:NAME" or "query:NAME"';
const syntax = "the names those of HTTP (RFC 9110)";

/** Any part of a request. */
export const requestKey = text(`"path", ${named}, ${syntax}`, parseRequestKey).meta({
  examples: ["cookie:cart", "header:X-Tenant", "query:user", "path", "address"],
});

/** A part that says whose the request is. */
export const clientKey = text(`${named}, ${syntax}`, (written) => {
  const key = parseRequestKey(written);
  return key?.from === "path" ? undefined : key;
}).meta({ examples: ["header:X-Api-Key", "cookie:session", "query:user", "address"] });

const parts = list(requestKey, 1, 4, "keys");
const whole = text(`"route", "path", ${named}`, (written) =>
  written === "route" ? [] : parseRequestKey(written),
);

/** What a limit counts by: one part, or several together; none: all requests of the route. */
export const limitKey = z
  .union([whole, parts], { error: `"route", "path", ${named}, or a list of 1 to 4 of these but "route"` })
  .transform((key): readonly HashKey[] => ("from" in key ? [key] : key))
  .meta({ examples: ["address", "header:X-Api-Key", "route"] });

/** `undefined` if it is not in the language. */
function parseRequestKey(written: string): HashKey | undefined {
  if (written === "path" || written === "address") return { from: written };
  const colon = written.indexOf(":");
  const name = written.slice(colon + 1);
  switch (written.slice(0, Math.max(0, colon))) {
    case "header":
      return isToken(name) ? { from: "header", name: name.toLowerCase() } : undefined;
    case "cookie":
      return isToken(name) ? { from: "cookie", name } : undefined;
    case "query":
      return /^[^&=#\s]{1,256}$/.test(name) && !hasControls(name) ? { from: "query", name } : undefined;
    default:
      return undefined;
  }
}
