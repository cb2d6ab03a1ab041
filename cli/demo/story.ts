/**
 * The story that `weir demo` tells. On-prem has 24 slots: 12 clients fit, 60 do not, and 20 fit until an origin is
 * lost. Where something must be noticed, the script waits for Weir's verdict and not for a time.
 */
import type { Phase } from "./phase.ts";

const onPrem = ["on-prem-1", "on-prem-2", "on-prem-3"];

export const story: readonly Phase[] = [
  {
    name: "steady",
    title: "Steady",
    clients: 12,
    script: ({ wait }) => wait(6000),
  },
  {
    name: "flash-crowd",
    title: "Flash crowd",
    clients: 60,
    script: ({ wait }) => wait(6000),
  },
  {
    name: "killed",
    title: "Origin killed",
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
    clients: 20,
    script: async ({ wait, revive, untilJudged }) => {
      await revive(...onPrem);
      await untilJudged("healthy", ...onPrem);
      await wait(3000);
    },
  },
];
