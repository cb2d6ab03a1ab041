/** Stands in for workerd's module `cloudflare:sockets` where tests run on Node, which opens none by it. */
export function connect(): never {
  throw new Error("unit tests open no connections");
}
