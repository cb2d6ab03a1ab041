/** What has arrived at a server, by the path that it was sent to: the caller that asks for it waits until it is there. */
export class Arrivals<T> {
  readonly #arrived = new Map<string, T>();
  readonly #awaited = new Map<string, (arrival: T) => void>();

  /** Whether something was sent to this path. */
  has(path: string): boolean {
    return this.#arrived.has(path);
  }

  add(path: string, arrival: T): void {
    this.#arrived.set(path, arrival);
    this.#awaited.get(path)?.(arrival);
    this.#awaited.delete(path);
  }

  /** What was sent to this path, which one request is sent to. */
  at(path: string): Promise<T> {
    const arrival = this.#arrived.get(path);
    if (arrival !== undefined) return Promise.resolve(arrival);
    return new Promise((resolve) => this.#awaited.set(path, resolve));
  }
}
