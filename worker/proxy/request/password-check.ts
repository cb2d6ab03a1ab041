/**
 * Whether a name and a password are those of a user. A password is hashed once an isolate; what came of it is kept under an HMAC of name, hash and
 * password, whose key no other isolate has and none keeps (`core/access/verdicts.ts`). Hashing has a budget (`core/access/hash-budget.ts`).
 *
 * A name that is not known takes the same way as a wrong password, with the same number of iterations, so that no clock tells which it was.
 */
import { HashBudget } from "../../../core/access/hash-budget.ts";
import { Verdicts } from "../../../core/access/verdicts.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { hashPassword, type PasswordHash } from "../../config/kinds/password-hash.ts";
import type { BasicCredentials } from "./basic-credentials.ts";

export type PasswordVerdict =
  | { readonly kind: "good" }
  | { readonly kind: "bad"; readonly why: "unknown-user" | "wrong-password" }
  /** It was not looked at: too many were. */
  | { readonly kind: "too-many"; readonly againInMs: Millis };

export type Users = ReadonlyMap<string, PasswordHash>;

/** What an isolate keeps of logins. */
export class PasswordCheck {
  readonly #verdicts = new Verdicts();
  readonly #budget = new HashBudget();
  #key: CryptoKey | undefined;

  /** @param client whose budget it is (`clientNumber`). */
  async verdict(
    users: Users,
    { name, password }: BasicCredentials,
    client: number,
    now: Millis,
  ): Promise<PasswordVerdict> {
    const user = users.get(name);
    const against = user ?? decoyFor(users);
    const key = await this.#keyOf(name, password, against);
    let isGood = this.#verdicts.of(key);
    if (isGood === undefined) {
      const againInMs = this.#budget.take(client, now);
      if (againInMs !== undefined) return { kind: "too-many", againInMs };
      isGood = areSame(await hashPassword(password, against), against.hash) && user !== undefined;
      this.#verdicts.keep(key, isGood);
    }
    if (isGood) return { kind: "good" };
    return { kind: "bad", why: user === undefined ? "unknown-user" : "wrong-password" };
  }

  async #keyOf(name: string, password: Uint8Array, { hash }: PasswordHash): Promise<string> {
    const written = new TextEncoder().encode(name);
    // The length comes first, so that no name runs on into what follows it.
    const message = new Uint8Array(2 + written.length + hash.length + password.length);
    new DataView(message.buffer).setUint16(0, written.length);
    message.set(written, 2);
    message.set(hash, 2 + written.length);
    message.set(password, 2 + written.length + hash.length);
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", await this.#hmacKey(), message));
    return String.fromCharCode(...signature);
  }

  /** Requests that come before it is there make it each for themselves: none may wait for another's promise. */
  async #hmacKey(): Promise<CryptoKey> {
    if (this.#key !== undefined) return this.#key;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const made = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    if (!("type" in made)) throw new TypeError("HMAC makes one key, not a pair");
    return (this.#key ??= made);
  }
}

/** No password comes to a hash of zeros. */
function decoyFor(users: Users): PasswordHash {
  const iterations = Math.max(...Array.from(users.values(), (user) => user.iterations));
  return { iterations, salt: new Uint8Array(16), hash: new Uint8Array(32) };
}

/** Takes as long wherever they differ. */
function areSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0);
  return difference === 0;
}
