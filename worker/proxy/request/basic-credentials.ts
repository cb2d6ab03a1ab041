/**
 * The credentials of HTTP's Basic scheme (RFC 7617 §2): `Basic`, and in base64 a name, a colon and a password, in UTF-8, as Weir asks for. A password is kept
 * as the bytes that came: a client that writes Latin-1 nevertheless has another password, and no other name.
 */

export interface BasicCredentials {
  readonly name: string;
  readonly password: Uint8Array<ArrayBuffer>;
}

/** Longer ones are none: what is hashed has a bound. */
const longest = 1_024;

/** Whether the header is of this scheme. */
export const isBasic = (authorization: string): boolean => /^basic(?:[ \t]|$)/i.test(authorization);

/** The credentials; `undefined` if the header has none that can be: without a name or a password, or not in base64. */
export function readBasicCredentials(authorization: string): BasicCredentials | undefined {
  if (authorization.length > longest) return undefined;
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const colon = bytes.indexOf(0x3a);
    if (colon < 1 || colon === bytes.length - 1) return undefined;
    const name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, colon));
    return { name, password: bytes.slice(colon + 1) };
  } catch {
    return undefined;
  }
}
