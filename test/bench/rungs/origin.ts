/** No proxy at all: what the load generator and the origin can do by themselves. */
import type { Rung } from "../rung.ts";

export const origin: Rung = {
  name: "origin",
  what: "no proxy",
  start: (origin) => Promise.resolve({ ...origin, stop: () => Promise.resolve() }),
};
