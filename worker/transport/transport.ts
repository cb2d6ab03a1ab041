import type { Via } from "../config/config.ts";
export interface Transport { send(url: string, init: RequestInit): Promise<Response> }
export function transportFor(via: Via, bindings: Readonly<Record<string, unknown>>): Transport {
  if (via === "fetch") return { send: (url, init) => fetch(url, { ...init, redirect: "manual" }) };
  const binding = bindings[via.binding] as Fetcher;
  return { send: (url, init) => binding.fetch(url, { ...init, redirect: "manual" }) };
}
