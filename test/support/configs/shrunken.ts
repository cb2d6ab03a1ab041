/** The least of a config that still does what it should not: by leaving out whatever can be left out, the largest parts first. */
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import { placesOf, withoutPlace } from "./places.ts";

/**
 * @param fails whether a config still does it. Only those that are accepted are tried.
 * @param withinMs for as long.
 */
export async function shrunken(
  config: WeirConfig,
  fails: (config: WeirConfig) => Promise<boolean>,
  withinMs: number,
): Promise<WeirConfig> {
  const untilMs = performance.now() + withinMs;
  let least = config;
  for (let at = 0; performance.now() < untilMs;) {
    const place = placesOf(least)[at];
    if (place === undefined) break;
    const lesser = withoutPlace(least, place);
    // What a place has held is gone with it, so the next one has its number.
    if (isAccepted(lesser) && (await fails(lesser))) least = lesser;
    else at += 1;
  }
  return least;
}

const isAccepted = (config: unknown): config is WeirConfig => parseConfig(config, () => undefined).ok;
