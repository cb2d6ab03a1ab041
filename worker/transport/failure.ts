import type { Via } from "../config/config.ts";
export type TransportFailure = { readonly kind: string; readonly sent: "no" | "maybe"; readonly detail: string };
export function classifyThrown(error: unknown): TransportFailure { const e = error as Error; return { kind: e.name === "TimeoutError" ? "timeout" : "reset", sent: "maybe", detail: String(e.message) }; }
export function classifyStatus(status: number, via: Via): TransportFailure | undefined { return via === "fetch" && (status === 530 || (status >= 520 && status <= 527)) ? { kind: "unreachable", sent: "maybe", detail: String(status) } : undefined; }
