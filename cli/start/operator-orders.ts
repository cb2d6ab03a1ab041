/** What operators have ordered of origins and what still holds: orders survive a restart, so a start must show them. Pure. */
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { StartFacts } from "./facts.ts";

export interface OperatorOrder {
  readonly upstream: string;
  readonly origin: string;
  readonly state: Exclude<OriginView["operator"], "up">;
}

/** The orders that keep an origin from its requests. */
export function standingOrders({ views = [] }: StartFacts): OperatorOrder[] {
  return views.flatMap((upstream) =>
    upstream.pools.flatMap(({ origins }) =>
      origins.flatMap(({ name, operator }) =>
        operator === "up" ? [] : [{ upstream: upstream.name, origin: name, state: operator }],
      ),
    ),
  );
}

/** How an origin in this state is called. */
export const orderWords = {
  draining: "drained",
  down: "taken down",
} as const satisfies Record<OperatorOrder["state"], unknown>;
