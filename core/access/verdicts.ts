/**
 * What was found of logins, so that a password is hashed once and not with each request. Keys are made with a key that only this isolate has, and say
 * nothing of the password. Good ones and bad ones have tables of their own, each bounded: a flood of wrong passwords pushes no right one
 * out. A table that is full forgets what was asked for least recently. Nothing in it grows old: names and passwords are those of the config, and
 * another config is another isolate.
 */

/** Of each table; with keys of 44 characters that is some hundred kilobytes. */
export const mostVerdicts = 4_096;

export class Verdicts {
  readonly #most: number;
  readonly #good = new Map<string, true>();
  readonly #bad = new Map<string, true>();

  /** @param most how many are kept of each kind, 1 or more. */
  constructor(most = mostVerdicts) {
    this.#most = most;
  }

  /** How many are kept. */
  get size(): number {
    return this.#good.size + this.#bad.size;
  }

  /** Whether the login is a good one; `undefined`: that is not known. */
  of(key: string): boolean | undefined {
    if (touch(this.#good, key)) return true;
    return touch(this.#bad, key) ? false : undefined;
  }

  keep(key: string, isGood: boolean): void {
    const table = isGood ? this.#good : this.#bad;
    table.set(key, true);
    if (table.size <= this.#most) return;
    const [oldest] = table.keys();
    if (oldest !== undefined) table.delete(oldest);
  }
}

/** A map is in the order in which its keys were set: one that is asked for is set again. */
function touch(table: Map<string, true>, key: string): boolean {
  if (!table.delete(key)) return false;
  table.set(key, true);
  return true;
}
