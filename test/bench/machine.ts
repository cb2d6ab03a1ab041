/** Where it was measured: absolute numbers mean nothing without it. */
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import workerdPackage from "workerd/package.json" with { type: "json" };

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly workerd: string;
  readonly wrk: string;
  /** Of the minute before the run: what others were doing. */
  readonly loadAverage: number;
}

/** To be called before the run. */
export function describeMachine(wrkVersion: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    workerd: workerdPackage.version,
    wrk: wrkVersion,
    loadAverage: loadavg()[0] ?? 0,
  };
}
