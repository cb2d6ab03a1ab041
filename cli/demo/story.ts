/**
 * The story that `weir demo` tells. The shop's on-prem has 24 slots: 12 clients fit, 60 do not, and 20 fit until an origin is
 * lost. The other sites' has 8. Where something must be noticed, the script waits for Weir's verdict and not for a time.
 */
import { mostInstances } from "./cloud.ts";
import type { Phase } from "./phase.ts";
import type { Visit } from "./scene.ts";

/** The crowd grows to three times what was there before, in half a minute. */
const crowd = { from: 20, to: 60, withinMs: 30_000 };

/**
 * Sessions begin so far apart: on a busy machine the strangers' requests come in waves, and if all sessions begin between two waves, home has
 * a slot for each.
 */
const guestsApartMs = 60;

/** So long is waited for sessions that should be home. */
const overdueMs = 5_000;

const onPrem = ["on-prem-1", "on-prem-2", "on-prem-3"];

export const story: readonly Phase[] = [
  {
    name: "steady",
    title: "Steady",
    site: "shop",
    clients: 12,
    script: ({ wait }) => wait(6000),
  },
  {
    name: "flash-crowd",
    title: "Flash crowd",
    site: "shop",
    clients: crowd.from,
    script: async ({ wait, join }) => {
      const more = crowd.to - crowd.from;
      for (let nth = 0; nth < more; nth++) {
        join({ clients: 1 });
        await wait(crowd.withinMs / more);
      }
      await wait(3000);
    },
  },
  {
    name: "killed",
    title: "Origin killed",
    site: "shop",
    clients: 20,
    script: async ({ wait, kill, untilJudged }) => {
      await wait(1500);
      await kill("on-prem-1");
      await untilJudged("unhealthy", "on-prem-1");
      await wait(2500);
    },
  },
  {
    name: "revived",
    title: "Revived",
    site: "shop",
    clients: 20,
    script: async ({ wait, revive, untilJudged }) => {
      await revive("on-prem-1");
      await untilJudged("healthy", "on-prem-1");
      await wait(2000);
    },
  },
  {
    name: "hanging",
    title: "Origin hangs",
    site: "shop",
    clients: 20,
    script: async ({ wait, setFault, untilJudged }) => {
      await wait(1500);
      setFault("on-prem-2", { kind: "hang" });
      await untilJudged("unhealthy", "on-prem-2");
      await wait(3000);
    },
  },
  {
    name: "cleared",
    title: "Cleared",
    site: "shop",
    clients: 20,
    script: async ({ wait, setFault, untilJudged }) => {
      setFault("on-prem-2", { kind: "none" });
      await untilJudged("healthy", "on-prem-2");
      await wait(2000);
    },
  },
  {
    name: "all-dead",
    title: "On-prem dead",
    site: "shop",
    clients: 20,
    script: async ({ wait, kill, untilJudged }) => {
      await wait(1500);
      await kill(...onPrem);
      await untilJudged("unhealthy", ...onPrem);
      await wait(3000);
    },
  },
  {
    name: "recovery",
    title: "Recovery",
    site: "shop",
    clients: 20,
    script: async ({ wait, revive, untilJudged }) => {
      await revive(...onPrem);
      await untilJudged("healthy", ...onPrem);
      await wait(3000);
    },
  },
  {
    name: "sessions",
    title: "Sessions",
    site: "members",
    clients: 0,
    script: async ({ wait, join, untilBurst }) => {
      await join({ clients: 3, keepCookies: true, pauseMs: 200 }).begun;
      const strangers = join({ clients: 24 });
      await untilBurst("bursting");
      const guests: Visit[] = [];
      for (let nth = 0; nth < 8; nth++) {
        guests.push(join({ clients: 1, keepCookies: true, pauseMs: 200 }));
        await wait(guestsApartMs);
      }
      await Promise.all(guests.map(({ begun }) => begun));
      await wait(1000);
      strangers.leave();
      await untilBurst("returning");
      await untilBurst("home");
      // It is the turn of all of them by now. One whose request was slow, or came while home was full for a moment, moves later.
      await Promise.race([Promise.all(guests.map(({ boundAgain }) => boundAgain)), wait(overdueMs)]);
      await wait(500);
    },
  },
  {
    name: "budget",
    title: "Budget spent",
    site: "metered",
    clients: 20,
    script: ({ wait }) => wait(5000),
  },
  {
    name: "growth",
    title: "Cloud grows",
    site: "growing",
    clients: 2,
    script: async ({ wait, join, untilInstances }) => {
      const strangers = join({ clients: 30 });
      await untilInstances(mostInstances);
      await wait(3000);
      strangers.leave();
      await untilInstances(0);
      await wait(500);
    },
  },
];
