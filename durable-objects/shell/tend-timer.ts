/** The timer by which an object serves its waiting requests: it rings at the earliest of the times that were asked for. */
export class TendTimer {
  readonly #tend: () => void;
  #atMs = Infinity;

  constructor(tend: () => void) {
    this.#tend = tend;
  }

  /** Looks after them at this time, if that is not to be done earlier. */
  set(atMs: number, now: number): void {
    if (this.#atMs <= atMs) return;
    this.#atMs = atMs;
    setTimeout(() => {
      // An earlier one has been planned meanwhile, and plans the next.
      if (this.#atMs !== atMs) return;
      this.#atMs = Infinity;
      this.#tend();
    }, atMs - now);
  }
}
