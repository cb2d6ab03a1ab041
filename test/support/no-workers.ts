/**
 * Stands in for workerd's module `cloudflare:workers` where tests run on Node: the bases of what the runtime makes, which keep what they
 * are made with.
 */
class MadeByRuntime {
  protected readonly ctx: unknown;
  protected readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export class DurableObject extends MadeByRuntime {}

export class WorkerEntrypoint extends MadeByRuntime {}
