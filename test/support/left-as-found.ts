/**
 * The files of a tier share a process, so a clock that one leaves behind stands still in the next one, which then waits for ever. A false timer
 * comes back, too, when a spy on it is restored after the timers themselves.
 */
import { afterAll, expect } from "vitest";

import { replacedGlobals } from "./globals-found.ts";

afterAll(() => {
  expect(replacedGlobals(), "globals that this file's tests have replaced, and not put back").toEqual([]);
});
