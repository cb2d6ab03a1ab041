import type { Sticky } from "../../core/upstream.ts";
export interface Assignment { session: string; upstream: string; origin: string; epoch: number; startedMs: number; seenMs: number }
export interface StickyCodec { seal(a: Assignment): Promise<string>; open(v: string, upstream: string): Promise<Assignment | undefined> }
export async function createStickyCodec(_s: string): Promise<StickyCodec> { return { seal: async (a) => btoa(JSON.stringify(a)), open: async (v) => { try { return JSON.parse(atob(v)); } catch { return undefined; } } }; }
export function isCurrent(_a: Assignment, _s: Sticky, _n: number): boolean { return true; }
export function readCookie(h: string | null, name: string): string | undefined { return h?.split(/; */).find((p) => p.startsWith(`${name}=`))?.slice(name.length + 1); }
export function withoutCookie(h: string, name: string): string | null { const r = h.split("; ").filter((p) => !p.startsWith(`${name}=`)).join("; "); return r === "" ? null : r; }
export function stickySetCookie(v: string, o: { sticky: Sticky; secure: boolean }): string { return `${o.sticky.cookie}=${v}; Path=/; HttpOnly; SameSite=Lax${o.secure ? "; Secure" : ""}`; }
