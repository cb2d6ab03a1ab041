/**
 * How long the body of a response is (RFC 9112 §6.3), and whether its connection could be used again (§9.3). What contradicts
 * itself is refused: here no reader behind Weir may come to another end than Weir.
 */
import { withoutBlanks } from "./blanks.ts";
import type { Field, ResponseHead } from "./response-head.ts";

export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** It ends with the connection. */
  | { readonly kind: "until-close" }
  | { readonly kind: "malformed"; readonly why: string };

/** RFC 9110 §6.4.1, and §15.3.6: a 205 has no content, whatever its framing says. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/** @param method of the request that it answers. */
export function bodyFraming(method: string, { status, isOld, fields }: ResponseHead): BodyFraming {
  if (method === "HEAD" || status < 200 || bodiless.has(status)) return { kind: "none" };
  const codings = valuesOf(fields, "transfer-encoding");
  const lengths = valuesOf(fields, "content-length");
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0]?.toLowerCase() !== "chunked")
      return malformed("unknown transfer coding");
    // RFC 9112 §6.1: in HTTP/1.0 it makes the framing faulty; §6.3: beside a length it ought to be an error.
    if (isOld) return malformed("transfer coding in HTTP/1.0");
    return lengths.length > 0 ? malformed("transfer coding beside a length") : { kind: "chunked" };
  }
  const [length] = lengths;
  if (length === undefined) return { kind: "until-close" };
  if (lengths.some((other) => other !== length)) return malformed("two lengths");
  const bytes = /^\d{1,16}$/.test(length) ? Number(length) : Number.NaN;
  return Number.isSafeInteger(bytes) ? { kind: "length", bytes } : malformed("length that is none");
}

/** Whether the origin has said that it closes the connection behind this answer. */
export function saysClose({ fields }: ResponseHead): boolean {
  return valuesOf(fields, "connection").some((option) => option.toLowerCase() === "close");
}

const malformed = (why: string): BodyFraming => ({ kind: "malformed", why });

/** The members of a field that is a list. An empty field has one, which is empty: it is none of what is expected. */
function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.flatMap(([field, value]) =>
    field.length === name.length && field.toLowerCase() === name
      ? value.split(",").map((member) => withoutBlanks(member))
      : [],
  );
}
