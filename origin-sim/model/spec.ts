/**
 * What an origin is made of, in the words of uWSGI's configuration: `workers` processes of `threads` threads each
 * (a thread serves one request at a time), a listen queue, and `max-requests`, after which a worker is replaced.
 */
import type { Millis } from "../../core/model/upstream.ts";
import { serviceTimeIssues, type ServiceTime } from "./service-time.ts";

export interface OriginSpec {
  readonly workers: number;
  /** Threads of each worker. */
  readonly threads: number;
  /** The listen queue: requests that may wait for a thread, ≥ 0. */
  readonly backlog: number;
  readonly serviceTime: ServiceTime;
  /** Requests after which a worker is replaced; absent: never. */
  readonly maxRequests?: number;
  /** How long a worker that is being replaced serves nothing. */
  readonly restartMs: Millis;
  /** From boot to the first request that is accepted. */
  readonly coldStartMs: Millis;
  /**
   * Whether a health check is answered beside the slots (default), as by a front web server. Without it a check
   * waits for a thread like any request: what uWSGI alone does.
   */
  readonly healthBypassesQueue?: boolean;
}

/** How many requests can be in service at once. */
export function slotsOf(spec: Pick<OriginSpec, "workers" | "threads">): number {
  return spec.workers * spec.threads;
}

/** What is wrong with a spec, one sentence each; empty: nothing. */
export function specIssues(spec: OriginSpec): string[] {
  const issues: string[] = [];
  const requireInteger = (field: string, value: number, min: number): void => {
    if (!Number.isSafeInteger(value) || value < min) {
      issues.push(`${field} is ${value}; expected an integer ≥ ${min}`);
    }
  };
  const requireDuration = (field: string, value: number): void => {
    if (!Number.isFinite(value) || value < 0) {
      issues.push(`${field} is ${value}; expected milliseconds ≥ 0`);
    }
  };
  requireInteger("workers", spec.workers, 1);
  requireInteger("threads", spec.threads, 1);
  requireInteger("backlog", spec.backlog, 0);
  if (spec.maxRequests !== undefined) requireInteger("maxRequests", spec.maxRequests, 1);
  requireDuration("restartMs", spec.restartMs);
  requireDuration("coldStartMs", spec.coldStartMs);
  return [...issues, ...serviceTimeIssues(spec.serviceTime)];
}
