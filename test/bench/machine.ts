/** Where it was measured: absolute numbers mean nothing without it. */
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import replyFromPackage from "@fastify/reply-from/package.json" with { type: "json" };
import workerdPackage from "workerd/package.json" with { type: "json" };

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Versions, by program or library. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of the minute before the run: what others were doing. */
  readonly loadAverage: number;
}

/**
 * To be called before the run.
 * @param programs the versions of what is not an npm package.
 */
export function describeMachine(programs: Readonly<Record<string, string>>): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: {
      workerd: workerdPackage.version,
      Node: process.versions.node,
      "@fastify/reply-from": replyFromPackage.version,
      ...programs,
    },
    loadAverage: loadavg()[0] ?? 0,
  };
}
