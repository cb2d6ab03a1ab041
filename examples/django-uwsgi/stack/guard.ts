/**
 * Takes the stack down when the process that brought it up has gone, even by SIGKILL. Supervisor's programs are in process
 * groups of their own, so killing supervisor's would leave them: it is asked to stop them, and stopped itself if it does not.
 * The mechanism is that of `cli/workerd/guard.ts`: a shell waits for the end of a pipe that only we hold open.
 */
import { spawn } from "node:child_process";

// `stop all` stops the programs at once; a supervisor that shuts down stops one after the other.
const script = `read -r _
/usr/bin/supervisorctl -c "$2" stop all
kill -s TERM "$1" || exit 0
for _ in $(seq 300); do kill -0 "$1" 2>/dev/null || exit 0; sleep 0.1; done
kill -s KILL "$1"`;

/**
 * Stops supervisor, and it its programs, when this process has ended.
 * @param configuration supervisor's file, by which it is reached.
 * @returns a function that dismisses the guard, to be called once supervisor has ended.
 */
export function guardSupervisor(pid: number, configuration: string): () => void {
  const guard = spawn("/bin/sh", ["-c", script, "example-guard", String(pid), configuration], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return () => {
    guard.kill("SIGKILL");
  };
}
