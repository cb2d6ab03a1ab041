/**
 * The origin's own count of what it did, so that what a balancer believes can be checked against what happened.
 * Every request that arrives ends in exactly one way:
 * `arrived = open + served + cut + abandoned + dropped + refused`.
 */
export interface Counts {
  /** Requests received and neither finished nor given up by their client: waiting, in service or being sent. */
  readonly open: number;
  /** The most that were ever open at once. This is what a promise about `maxConns` is checked against. */
  readonly peakOpen: number;
  readonly arrived: number;
  /** Answered to the last byte. */
  readonly served: number;
  /** Broken off in the middle of the body by a fault. */
  readonly cut: number;
  /** Given up by their client before the end. */
  readonly abandoned: number;
  /** Lost when the origin was killed. */
  readonly dropped: number;
  /** Reset without an answer: queue full, cold start, or a fault. */
  readonly refused: number;
  /** Workers replaced after `maxRequests`. */
  readonly recycled: number;
  /** Served requests by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

export class Tally {
  #counts = zero(0);

  accept(): void {
    this.#counts.arrived += 1;
    this.#counts.open += 1;
    this.#counts.peakOpen = Math.max(this.#counts.peakOpen, this.#counts.open);
  }

  refuse(): void {
    this.#counts.arrived += 1;
    this.#counts.refused += 1;
  }

  /** An open request's end. */
  end(how: "served" | "cut" | "abandoned" | "dropped", status?: number): void {
    this.#counts.open -= 1;
    this.#counts[how] += 1;
    if (how === "served" && status !== undefined) {
      this.#counts.statuses[status] = (this.#counts.statuses[status] ?? 0) + 1;
    }
  }

  recycle(): void {
    this.#counts.recycled += 1;
  }

  /** Begins to count afresh. What is open now has arrived, and is the peak so far. */
  reset(): void {
    this.#counts = zero(this.#counts.open);
  }

  counts(): Counts {
    return { ...this.#counts, statuses: { ...this.#counts.statuses } };
  }
}

function zero(open: number) {
  const statuses: Record<string, number> = {};
  const ended = { served: 0, cut: 0, abandoned: 0, dropped: 0, refused: 0 };
  return { open, peakOpen: open, arrived: open, ...ended, recycled: 0, statuses };
}
