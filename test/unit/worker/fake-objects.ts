/** Stands in for the Durable Objects: an object answers what a test says, and every call of a namespace is noted. */
import { expect } from "vitest";

import type { ObjectNamespace, ObjectOptions, Remote } from "../../../core/protocol/object-namespace.ts";
import type { ProberObject } from "../../../core/protocol/prober-object.ts";
import type { RoleObject } from "../../../core/protocol/role-object.ts";
import type { UpstreamObject } from "../../../core/protocol/upstream-object.ts";
import { activateConfig, type ActiveUpstream } from "../../../worker/active-config.ts";
import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import type { Env } from "../../../worker/env.ts";

const unexpected = (): never => expect.unreachable("nothing was expected to call this");

/** An upstream's object of which only these methods may be called. */
export function fakeUpstream(methods: Partial<Remote<UpstreamObject>> = {}): Remote<UpstreamObject> {
  return {
    exchange: unexpected,
    wait: unexpected,
    probed: unexpected,
    operate: unexpected,
    heed: unexpected,
    register: unexpected,
    view: unexpected,
    ...methods,
  };
}

/** A prober of which only these methods may be called. */
export function fakeProber(methods: Partial<Remote<ProberObject>> = {}): Remote<ProberObject> {
  return { watch: unexpected, hurry: unexpected, ...methods };
}

/** An object of a role of which only these methods may be called. */
export function fakeRole(methods: Partial<Remote<RoleObject>> = {}): Remote<RoleObject> {
  return { call: unexpected, ...methods };
}

/** A namespace that has the object under every name. */
export class FakeNamespace<Interface> implements ObjectNamespace<Interface> {
  /** Which stubs were made. */
  readonly stubs: { readonly name: string; readonly options: ObjectOptions | undefined }[] = [];
  readonly #object: Remote<Interface>;

  constructor(object: Remote<Interface>) {
    this.#object = object;
  }

  getByName(name: string, options?: ObjectOptions): Remote<Interface> {
    this.stubs.push({ name, options });
    return this.#object;
  }
}

/** The bindings of a Worker with these objects. */
export function fakeEnv(
  upstream: Remote<UpstreamObject>,
  prober: Remote<ProberObject> = fakeProber(),
  role: Remote<RoleObject> = fakeRole(),
): Env & {
  readonly UPSTREAM_STATE: FakeNamespace<UpstreamObject>;
  readonly PROBER: FakeNamespace<ProberObject>;
  readonly ROLES: FakeNamespace<RoleObject>;
} {
  return {
    UPSTREAM_STATE: new FakeNamespace(upstream),
    PROBER: new FakeNamespace(prober),
    ROLES: new FakeNamespace(role),
  };
}

/** The config's upstream of that name, as requests use it. */
export async function activeUpstream(config: WeirConfig, name: string, env: Env): Promise<ActiveUpstream> {
  const active = await activateConfig(config, env);
  if (!active.ok) return expect.unreachable(JSON.stringify(active.issues));
  return active.upstreams.get(name) ?? expect.unreachable(`there is no upstream ${name}`);
}
