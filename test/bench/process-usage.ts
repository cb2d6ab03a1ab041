/** What a process has used, by Linux's own books (proc_pid_stat(5), proc_pid_status(5)). */
import { readFileSync } from "node:fs";

/** Linux tells CPU time to user space in hundredths of a second, whatever its own clock does. */
const tickMs = 10;

/** CPU time of all threads so far, user and system, in ms. A step is 10 ms. */
export function cpuTimeMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the command, may hold anything; after its parenthesis utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Memory that is in RAM now, in MiB. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmRSS.`);
  return Number(kib) / 1024;
}
