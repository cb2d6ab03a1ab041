/**
 * The configuration that an upstream's object goes by: the newest that it has heard of. Two deployments overlap for minutes, and their
 * isolates talk to the same object: it takes over the later one once, and never goes back.
 */
import { rows } from "../../core/coordinator/rows.ts";
import type { RowStore } from "../../core/coordinator/saved-state.ts";
import {
  type ConfigSection,
  compareVersions,
  type ConfigVersion,
} from "../../core/protocol/config-section.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { formatIssues } from "../../worker/config/parse/issue.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import { SectionReader } from "./section-reader.ts";

/** What becomes of a version that a caller goes by: another configuration, the one that runs, or the object has to see its section. */
export type ConfigNews = UpstreamConfig | "as-before" | "section-needed";

export class ConfigHolder {
  readonly #store: RowStore;
  readonly #reader: SectionReader;
  readonly #adopted: (section: ConfigSection) => void;
  #section: ConfigSection | undefined;
  #olderNoted: number | undefined;

  /** `adopted` is told the section, when the object goes by another one or by a later version of it. */
  constructor(store: RowStore, bindings: object, adopted: (section: ConfigSection) => void) {
    this.#store = store;
    this.#reader = new SectionReader(bindings);
    this.#adopted = adopted;
  }

  get section(): ConfigSection | undefined {
    return this.#section;
  }

  /** The configuration that an earlier incarnation went by; `undefined`: there is none, or this code cannot read it. */
  wakeUp(): UpstreamConfig | undefined {
    this.#section = this.#store.get(rows.section);
    if (this.#section === undefined) return undefined;
    const config = this.#read(this.#section);
    this.#adopted(this.#section);
    return config;
  }

  /**
   * A caller goes by this version. `runs`: the object has a configuration that it runs. A section that this code cannot read (it comes
   * from a later deployment) changes nothing.
   */
  recordVersion(version: ConfigVersion, section: ConfigSection | undefined, runs: boolean): ConfigNews {
    const order = compareVersions(version, this.#section?.version);
    if (order === "older" && this.#section !== undefined) this.#noteOlder(version, this.#section);
    if (runs && order !== "newer") return "as-before";
    if (runs && this.#section?.version.hash === version.hash) {
      this.#adopt({ ...this.#section, version });
      return "as-before";
    }
    if (section === undefined) return "section-needed";
    const config = this.#read(section);
    if (config === undefined) return "as-before";
    this.#adopt(section);
    return config;
  }

  /** Deployments overlap for a while, so this is as it should be; but the log says why the older one has no effect. */
  #noteOlder(version: ConfigVersion, { name, version: keeps }: ConfigSection): void {
    if (this.#olderNoted === version.order) return;
    this.#olderNoted = version.order;
    logEvent({ event: "config-older", upstream: name, version, keeps });
  }

  #adopt(section: ConfigSection): void {
    this.#section = section;
    this.#store.put(rows.section, section);
    this.#adopted(section);
  }

  #read(section: ConfigSection): UpstreamConfig | undefined {
    const parsed = this.#reader.read(section);
    if (parsed.ok) return parsed.upstream;
    const { name: upstream, version } = section;
    logEvent({ event: "config-refused", upstream, version, issues: formatIssues(parsed.issues) });
    return undefined;
  }
}
