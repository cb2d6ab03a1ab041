/**
 * A log file as tools expect it: lines are appended, so it survives a restart and a truncation (logrotate's
 * `copytruncate`), and it is opened anew when it was renamed (nginx's SIGUSR1). Lines that come together are written at
 * once, and the write is waited for: a slow disk holds up its writer, and never fills the memory.
 */
import { appendFileSync, closeSync, openSync } from "node:fs";

/** Its owner may write; its group may read, as a log shipper does. */
const mode = 0o640;

export class LogFile {
  readonly path: string;
  readonly #onTrouble: (message: string) => void;
  /** `undefined`: closed. */
  #descriptor: number | undefined;
  #waiting: string[] = [];
  #lost = 0;

  /**
   * Opens the file, and makes it if it is not there.
   * @param onTrouble hears, once, that lines cannot be written (the disk is full), and that they can again.
   */
  constructor(path: string, onTrouble: (message: string) => void) {
    this.path = path;
    this.#onTrouble = onTrouble;
    this.#descriptor = openSync(path, "a", mode);
  }

  write(line: string): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(line);
  }

  /** Goes on in a file of this name, which is another one if that of before was renamed. */
  reopen(): void {
    this.#flush();
    if (this.#descriptor === undefined) return;
    try {
      const fresh = openSync(this.path, "a", mode);
      closeSync(this.#descriptor);
      this.#descriptor = fresh;
    } catch (error) {
      this.#onTrouble(`${this.path} cannot be opened anew, and goes on where it was: ${String(error)}`);
    }
  }

  /** Writes what waits. What comes later is dropped. */
  close(): void {
    this.#flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #flush(): void {
    const lines = this.#waiting;
    if (lines.length === 0 || this.#descriptor === undefined) return;
    this.#waiting = [];
    try {
      appendFileSync(this.#descriptor, `${lines.join("\n")}\n`);
      if (this.#lost > 0) this.#onTrouble(`${this.path} is written again; ${this.#lost} lines are lost`);
      this.#lost = 0;
    } catch (error) {
      if (this.#lost === 0) this.#onTrouble(`${this.path} cannot be written: ${String(error)}`);
      this.#lost += lines.length;
    }
  }
}
