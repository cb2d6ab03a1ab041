/**
 * Which origins are unhealthy, in words: at the start, when that changes, and again while it lasts. An operator's own
 * orders are not among them: that a server which was taken down does not answer is no news. Pure.
 */
import type { Trouble } from "../../core/protocol/origin-view.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import { dim, green, red, yellow } from "../terminal/style.ts";
import { wrapped } from "../terminal/wrap.ts";

export interface OriginTrouble {
  /** `shop/on-prem-1` */
  readonly origin: string;
  readonly trouble: Trouble;
}

/** How a time is written here, in milliseconds since 1970. */
export type Clock = (ms: number) => string;

export function troublesOf(views: readonly UpstreamView[]): OriginTrouble[] {
  return views.flatMap((upstream) =>
    upstream.pools.flatMap(({ origins }) =>
      origins.flatMap(({ name, operator, trouble }) =>
        trouble === null || operator !== "up" ? [] : [{ origin: `${upstream.name}/${name}`, trouble }],
      ),
    ),
  );
}

/** All of them for the screen, in lines of at most `width` columns where words allow; a hint once for all origins that it concerns. */
export function troubleLines(troubles: readonly OriginTrouble[], clock: Clock, width: number): string[] {
  const byHint = Map.groupBy(troubles, ({ trouble }) => trouble.hint);
  return [...byHint].flatMap(([hint, concerned]) => {
    const lines = concerned.map(
      ({ origin, trouble }) => `    ${origin}  ${red(trouble.is)} ${stateText(trouble, clock)}`,
    );
    return hint === null ? lines : lines.concat(wrapped("      → ", hint, width));
  });
}

/** The first time that it is said again, and then each other time. */
const [firstAgainMs, againMs] = [60_000, 600_000];

interface Said {
  readonly is: Trouble["is"];
  readonly atMs: number;
  readonly times: number;
}

/** Remembers what was said, so that news are said at once, and what lasts every so often. */
export class TroubleReport {
  readonly #clock: Clock;
  readonly #said = new Map<string, Said>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is to be said now, a line for each origin. */
  update(views: readonly UpstreamView[], now: number): string[] {
    const troubles = troublesOf(views);
    const gone = [...this.#said.keys()].filter((name) => !troubles.some(({ origin }) => origin === name));
    const well = gone.map((origin) => {
      this.#said.delete(origin);
      return `${dim(this.#clock(now))}  ${green("●")} ${origin} has recovered`;
    });
    return [...well, ...troubles.filter((one) => this.#isDue(one, now)).map((one) => this.#line(one, now))];
  }

  /** These have been said already, in another way. */
  saidAll(troubles: readonly OriginTrouble[], now: number): void {
    for (const one of troubles) this.#isDue(one, now);
  }

  #isDue({ origin, trouble: { is } }: OriginTrouble, now: number): boolean {
    const said = this.#said.get(origin);
    const isNews = said?.is !== is;
    if (!isNews && now - said.atMs < (said.times === 1 ? firstAgainMs : againMs)) return false;
    this.#said.set(origin, { is, atMs: now, times: isNews ? 1 : said.times + 1 });
    return true;
  }

  #line({ origin, trouble }: OriginTrouble, now: number): string {
    const state = `${origin} is ${red(trouble.is)} ${stateText(trouble, this.#clock)}`;
    const hint = trouble.hint === null ? "" : `. ${trouble.hint}`;
    return `${dim(this.#clock(now))}  ${yellow("●")} ${state}${hint}`;
  }
}

function stateText({ sinceMs, evidence, seenMs }: Trouble, clock: Clock): string {
  const since = sinceMs === null ? "" : `since ${clock(sinceMs)}`;
  const seen = seenMs === null || seenMs === sinceMs ? "" : ` at ${clock(seenMs)}`;
  return `${since}${since === "" ? "" : ", "}${evidence}${seen}`;
}
