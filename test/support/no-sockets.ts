/**
 * Stands in for workerd's module `cloudflare:sockets` where tests run on Node, which opens none by it: there is a connection only where
 * a test plays its far end (`test/unit/worker/far-end.ts`).
 */
type Connect = (address: never, options: never) => unknown;

const none: Connect = () => {
  throw new Error("unit tests open no connections");
};

let current = none;

export function connect(address: never, options: never): unknown {
  return current(address, options);
}

/** From now on this is what `connect` does; absent: it opens none again. */
export function connectBy(connecting: Connect = none): void {
  current = connecting;
}
