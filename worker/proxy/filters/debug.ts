/** `debug` of a route: an origin's answer says how it came about. What Weir answers by itself says nothing of the house. */
import type { FilterMaker } from "./filter.ts";

export const debugFilter: FilterMaker = ({ route: { debug } }) =>
  debug
    ? {
        name: "debug",
        onThrow: "skip",
        onSend: ({ event }, { headers, origin }) => {
          if (origin === undefined) return;
          headers.set("X-Weir-Mode", event.mode ?? "");
          headers.set("X-Weir-Pool", event.pool ?? "");
          headers.set("X-Weir-Origin", event.origin ?? "");
          headers.set("X-Weir-Attempts", String(event.attempts));
        },
      }
    : undefined;
