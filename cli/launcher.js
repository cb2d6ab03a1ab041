/**
 * Notices that npm (or npx) has gone without passing on why: killed by SIGKILL, or hung up with its terminal. Plain
 * JavaScript, since `weir.js` runs it on whatever Node the host has.
 *
 * Only npm is watched, which tells what it starts that it did. Any other parent may end and leave us running, as is
 * the custom for a command that a shell put into the background.
 */

const pollMs = 500;

/**
 * Calls `gone` once, within half a second of npm's end. Does not keep the process alive.
 * @param {() => void} gone
 * @param {Pick<NodeJS.Process, "env" | "ppid">} self
 */
export function whenLauncherGone(gone, self = process) {
  if (self.env["npm_lifecycle_event"] === undefined) return;
  const launcher = self.ppid;
  const timer = setInterval(() => {
    // The kernel gives an orphan another parent.
    if (self.ppid === launcher) return;
    clearInterval(timer);
    gone();
  }, pollMs);
  timer.unref();
}
