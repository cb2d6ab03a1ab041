/**
 * Hosts and wildcards, so that the most specific one for a host is found by a few look-ups, however many there are. `*.example.com` stands
 * for one or more labels, and not for `example.com` itself.
 */

/** An entry, and the next less specific one: the same for whatever host is found here, so it is known before any request comes. */
export interface HostEntry<Value> {
  readonly value: Value;
  readonly wider: HostEntry<Value> | undefined;
}

export class HostIndex<Value> {
  readonly #exact = new Map<string, HostEntry<Value>>();
  /** Wildcards without their star. */
  readonly #suffixes = new Map<string, HostEntry<Value>>();
  #longestSuffix = 0;
  #any: HostEntry<Value> | undefined;

  /** @param hosts by host, lower case, exact or `*.suffix`; `undefined`: any host. */
  constructor(hosts: ReadonlyMap<string | undefined, Value>) {
    // From the widest to the narrowest: what is found for a new one is then what is wider.
    const ordered = [...hosts].sort(([a], [b]) => rank(a) - rank(b));
    for (const [host, value] of ordered) this.#add(host, value);
  }

  /** The most specific entry for a host (lower case, without port). */
  find(host: string): HostEntry<Value> | undefined {
    // To look into an empty map costs the hash of a fresh text.
    const exact = this.#exact.size === 0 ? undefined : this.#exact.get(host);
    return exact ?? this.#wildcard(host) ?? this.#any;
  }

  #wildcard(host: string): HostEntry<Value> | undefined {
    if (this.#longestSuffix === 0) return undefined;
    // Something stands in front of each suffix; and no host has more of them to be looked up than the config has characters in one.
    const from = Math.max(1, host.length - this.#longestSuffix);
    for (let dot = host.indexOf(".", from); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const found = this.#suffixes.get(host.slice(dot));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #add(host: string | undefined, value: Value): void {
    const entry = { value, wider: host === undefined ? undefined : this.find(host) };
    if (host === undefined) {
      this.#any = entry;
    } else if (isWildcard(host)) {
      this.#suffixes.set(host.slice(1), entry);
      this.#longestSuffix = host.length - 1;
    } else {
      this.#exact.set(host, entry);
    }
  }
}

const isWildcard = (host: string): boolean => host.startsWith("*.");

function rank(host: string | undefined): number {
  if (host === undefined) return -1;
  return isWildcard(host) ? host.length : Number.MAX_SAFE_INTEGER;
}
