/**
 * What Cloudflare charges on the Workers Paid plan beyond what the plan includes, in US dollars, as its documentation
 * says:
 *
 * - requests and CPU time: https://developers.cloudflare.com/workers/platform/pricing/
 * - objects and their rows: https://developers.cloudflare.com/durable-objects/platform/pricing/
 */
export const prices = {
  /** When they were read. */
  asOf: "2026-11-21",
  perMillion: {
    requests: 0.3,
    cpuMs: 0.02,
    /** Each call of an object's method is one. */
    objectRequests: 0.15,
    /** The key-value methods are billed as rows too: a put or delete as one written. */
    rowsWritten: 1,
    rowsRead: 0.001,
    gbSeconds: 12.5,
  },
  /** An object is charged for this much memory, whatever it uses, while it is awake. */
  objectGb: 0.128,
} as const;

export type Prices = Readonly<Record<keyof typeof prices.perMillion, number>>;
