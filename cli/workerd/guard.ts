/**
 * Sees to it that workerd never outlives us, however we end: by a signal, an uncaught error, even SIGKILL, of
 * which no handler hears. A tiny shell waits for the end of a pipe that only we hold open; the kernel closes it
 * with our death, and the shell kills workerd's process group. It is the one mechanism for every kind of end.
 *
 * Needs a POSIX shell. Both processes are in groups of their own, so that Ctrl-C in the terminal reaches only us
 * and we decide in which order things stop.
 */
import { spawn } from "node:child_process";

/**
 * Kills the process group `pid` when this process has ended.
 * @returns a function that dismisses the guard, to be called once the group is gone.
 */
export function guardProcessGroup(pid: number): () => void {
  // After its own EXIT the shell must not kill a group that reuses the number: dismissal kills the shell first.
  const guard = spawn("/bin/sh", ["-c", 'read -r _; kill -s KILL -- "-$1"', "weir-guard", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return () => {
    guard.kill("SIGKILL");
  };
}
