/**
 * What the ways to an origin can do, and what not. The platform ignores what it cannot do (a Host header, say), so it has to be
 * refused here, where the author of the config reads it.
 */
import { isIpAddress, isLocalhost, isPrivateName } from "../kinds/host.ts";
import { valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

/** The problems of the origin at `path`. `target` as written: only `"edge"` is special. */
export function viaProblems(origin: Plain, path: Path, target: Plain | undefined): Problem[] {
  return [
    ...(target === "edge" ? unreachableFromEdge(origin, path) : []),
    ...hostlessVia(origin, path),
    ...connectionlessVia(origin, path),
    ...tokenInTheClear(origin, path),
  ];
}

/** Whether the URL itself is what is dialled over the public network: a fetch, or one with a client certificate. */
function isPublic(origin: Plain): boolean {
  const via = valueAt(origin, "via") ?? "fetch";
  return via === "fetch" || valueAt(via, "kind") === "mtls";
}

/** The platform refuses public fetches to addresses (error 1003) and finds no private names; other bindings may go anywhere. */
function unreachableFromEdge(origin: Plain, path: Path): Problem[] {
  const url = valueAt(origin, "url");
  if (!isPublic(origin) || typeof url !== "string" || !URL.canParse(url)) return [];
  const { hostname } = new URL(url);
  if (!isIpAddress(hostname) && !isLocalhost(hostname) && !isPrivateName(hostname)) return [];
  const expected =
    "a public DNS name: at the edge a public fetch to an IP address, localhost or a private name fails (error 1003, 530). Give the origin a public name, " +
    'or reach it through a Workers VPC or tunnel binding: via: { binding: "NAME" }';
  return [{ path: [...path, "url"], expected }];
}

/** Only these dial what they are bound to, whatever the URL's host says. */
const dialsFixed: ReadonlySet<Plain | undefined> = new Set(["vpc-service", "worker"]);

function hostlessVia(origin: Plain, path: Path): Problem[] {
  const host = valueAt(origin, "host");
  if (host === undefined || host === "origin" || dialsFixed.has(valueAt(origin, "via", "kind"))) return [];
  const expected =
    '"origin", or a way that dials a fixed address: via: { binding: "NAME", kind: "vpc-service" } (or "worker"). All others dial the host ' +
    "that they put into Host, and ignore a Host header; X-Forwarded-Host says what the client asked for";
  return [{ path: [...path, "host"], expected }];
}

/** Sockets can be opened publicly, and through a VPC network. */
function connectionlessVia(origin: Plain, path: Path): Problem[] {
  const via = valueAt(origin, "via") ?? "fetch";
  if (valueAt(origin, "connection") !== "each" || via === "fetch") return [];
  if (valueAt(via, "kind") === "vpc-network") return [];
  const expected =
    '"auto" or "reuse", or a way on which connections can be opened: via: "fetch", or { binding: "NAME", kind: "vpc-network" }';
  return [{ path: [...path, "connection"], expected }];
}

function tokenInTheClear(origin: Plain, path: Path): Problem[] {
  const url = valueAt(origin, "url");
  if (valueAt(origin, "access") === undefined || !isPublic(origin)) return [];
  if (typeof url !== "string" || !/^http:/i.test(url)) return [];
  return [
    { path: [...path, "url"], expected: "an https: URL: the access token must not travel in the clear" },
  ];
}
