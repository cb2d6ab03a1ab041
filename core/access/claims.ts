/** What a token's claims have to be, and what of them origins are told. What is signed, until when, and for whom is judged before (`jose`). */

export type Claims = Readonly<Record<string, unknown>>;

/** A claim must be there, and one of these, if there are any; of a list of texts one of its texts. */
export interface RequiredClaim {
  readonly name: string;
  readonly oneOf: readonly string[];
}

/** The name of the first claim that is not as required; `undefined`: all are. */
export function unmetClaim(claims: Claims, required: readonly RequiredClaim[]): string | undefined {
  return required.find(({ name, oneOf }) => {
    const texts = textsOf(valueOf(claims, name));
    return oneOf.length === 0 ? texts.length === 0 : !oneOf.some((each) => texts.includes(each));
  })?.name;
}

/** The longest text of a claim that a header takes. */
const longest = 1_024;

/**
 * A claim as the value of a header: a text, a number, or a list of them joined by commas. `undefined`: it is not there, or it has what would be more than
 * one value to the origin, or end a header: the origin is told nothing rather than half of it.
 */
export function headerValueOf(claims: Claims, name: string): string | undefined {
  const value = valueOf(claims, name);
  const texts = textsOf(value);
  const isList = Array.isArray(value);
  if (texts.length === 0 || (isList && texts.some((text) => text.includes(",")))) return undefined;
  const written = texts.join(",");
  return written.length <= longest && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(written)
    ? written
    : undefined;
}

/** By its own name, or on a path of names: `realm_access.roles`. */
function valueOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function textsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) => {
    if (typeof each === "string" && each !== "") return each;
    return typeof each === "number" || typeof each === "boolean" ? String(each) : [];
  });
}
