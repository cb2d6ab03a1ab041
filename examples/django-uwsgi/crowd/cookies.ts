/** A browser's cookies of one site: by name, the last value that was set; gone when the site lets it expire. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Stores the values of an answer's `Set-Cookie` fields (RFC 6265, section 5.3, for one host and path). */
  storeCookies(fields: readonly string[]): void {
    for (const field of fields) {
      const [pair = "", ...attributes] = field.split(";");
      const name = pair.slice(0, pair.indexOf("=")).trim();
      const value = pair.slice(pair.indexOf("=") + 1).trim();
      const isGone = attributes.some((attribute) => /^\s*max-age=(0|-\d+)\s*$/i.test(attribute));
      if (isGone) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  /** The value of the `Cookie` field. */
  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
