/**
 * Leads the imports of workerd's own modules to what stands in for them, in a process of Node that is started with `--import` of this file. The
 * unit tests are loaded by Node itself, which takes types off as it reads: Vite's runner fetches each module from another process and wraps
 * it, which takes 1.7 times as much CPU time to load the files.
 */
import { registerHooks } from "node:module";

const standIns: ReadonlyMap<string, string> = new Map([
  ["cloudflare:sockets", new URL("no-sockets.ts", import.meta.url).href],
  ["cloudflare:workers", new URL("no-workers.ts", import.meta.url).href],
]);

registerHooks({
  resolve: (specifier, context, next) => next(standIns.get(specifier) ?? specifier, context),
});
