/** Looks at the origins while `weir start` runs, and says which are unhealthy and why, for as long as that lasts. */
import type { AdminClient } from "../local/admin-client.ts";
import type { TroubleReport } from "./troubles.ts";

const everyMs = 5_000;

export interface OriginWatch {
  /** Looks at once: something has changed. */
  readonly look: () => void;
  readonly stop: () => void;
}

/** Begins to look, every five seconds. `say` gets a line at a time. */
export function watchOrigins(
  admin: AdminClient,
  report: TroubleReport,
  say: (line: string) => void,
): OriginWatch {
  let isOver = false;
  const look = async (): Promise<void> => {
    const views = await admin.upstreams();
    if (!isOver) for (const line of report.update(views, Date.now())) say(line);
  };
  // That Weir does not answer is said by others.
  const tryToLook = (): void => void look().catch(() => {});
  const timer = setInterval(tryToLook, everyMs);
  return {
    look: tryToLook,
    stop: () => {
      isOver = true;
      clearInterval(timer);
    },
  };
}
