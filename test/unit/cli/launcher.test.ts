/** npm's end is noticed; any other parent's is none of our business. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whenLauncherGone } from "../../../cli/launcher.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(env: NodeJS.ProcessEnv) {
  const self = { env, ppid: 100 };
  const gone = vi.fn<() => void>();
  whenLauncherGone(gone, self);
  return { self, gone };
}

it("npm's end is told once, soon", () => {
  const { self, gone } = watched({ npm_lifecycle_event: "start" });
  vi.advanceTimersByTime(60_000);
  expect(gone).not.toHaveBeenCalled();
  self.ppid = 1;
  vi.advanceTimersByTime(500);
  expect(gone).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(60_000);
  expect(gone).toHaveBeenCalledOnce();
});

it("a shell that started a command in the background may end", () => {
  const { self, gone } = watched({});
  self.ppid = 1;
  vi.advanceTimersByTime(60_000);
  expect(gone).not.toHaveBeenCalled();
});
