/**
 * Sections as this deployment reads them: with its own variables and secrets, which are the same for as long as an object lives. A
 * section is read at every alarm and at many a message, and parsed once a version.
 */
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import { parseUpstream } from "../../worker/config/parse/parse.ts";
import { textBindings } from "../../worker/config/parse/text-bindings.ts";

type ReadSection = ReturnType<typeof parseUpstream>;

/** While deployments overlap, an object hears of two versions in turn. */
const keptVersions = 2;

export class SectionReader {
  readonly #bindings: object;
  /** By name and hash, which is that of target and content; the oldest first. */
  readonly #kept = new Map<string, ReadSection>();

  constructor(bindings: object) {
    this.#bindings = bindings;
  }

  read({ name, version, raw, target }: ConfigSection): ReadSection {
    const key = JSON.stringify([name, version.hash]);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const read = parseUpstream(name, raw, target, textBindings(this.#bindings));
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= keptVersions) this.#kept.delete(oldest);
    this.#kept.set(key, read);
    return read;
  }
}
