/** The memory that a process occupies, in bytes, as Linux counts it (proc_pid_status(5)). */
import { readFile } from "node:fs/promises";

/** At present. */
export const residentBytes = (pid: number): Promise<number> => readBytes(pid, "VmRSS");

/** The most since the process started. */
export const peakResidentBytes = (pid: number): Promise<number> => readBytes(pid, "VmHWM");

async function readBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(kibibytes) * 1_024;
}
