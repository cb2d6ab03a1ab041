/**
 * Work that stands back: it takes the time of the processor that no other program wants, and little more. The end-to-end tests wait
 * for timers and servers half of their time, and must not be disturbed where something has to come about within seconds.
 *
 * Linux may share out the processor by session first, and by process only within each (autogroups, sched(7)). So both are told.
 */
import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

/**
 * Puts a process, and all that it starts from then on, behind everything else.
 * @param pid of a child that was started with `detached`, and so leads a session.
 */
export function standBack(pid: number): void {
  setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  rankSession(pid, constants.priority.PRIORITY_BELOW_NORMAL);
}

/** Puts its session among the others again. Where there are no autogroups it stays where it is: only root may take that back. */
export function standLevel(pid: number): void {
  rankSession(pid, constants.priority.PRIORITY_NORMAL);
}

function rankSession(pid: number, nice: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // This system does not know of it, or the process has ended.
  }
}
