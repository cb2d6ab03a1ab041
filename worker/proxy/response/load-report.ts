/**
 * The header by which an origin says how it is: `X-Weir-Load: util=0.83; drain; t=1763750000; sig=SIGNATURE`. The
 * signature is HMAC-SHA256 in base64url over the origin's name in the config, a line break, and all that stands before
 * `; sig=`: so nothing on the way can forge one, and one origin's report says nothing about another. `t` keeps an old one from
 * being played again for long.
 */
import { parseReport } from "../../../core/load/origin-report.ts";
import type { LoadReports, Millis, OriginName } from "../../../core/model/upstream.ts";
import type { Outcome } from "../../../core/protocol/outcome.ts";

const loadHeader = "X-Weir-Load";

const signed = /^(?<said>.{1,256}); ?sig=(?<signature>[\w-]{43})$/;

const refused = { refusedReport: true } as const;

/** What is said of the header with the attempt's outcome. */
export type Reading = Pick<Outcome, "report" | "refusedReport">;

export interface ReportReader {
  /** What the response's header is worth; empty without one. Never rejects. */
  read(origin: OriginName, headers: Headers, now: Millis): Promise<Reading>;
}

/** A reader for the origins of an upstream. */
export async function createReportReader({ secret, maxAgeMs }: LoadReports): Promise<ReportReader> {
  const encoder = new TextEncoder();
  const usage = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), usage, false, ["verify"]);
  /** The last one of each origin whose signature was good: many responses carry the same. */
  const known = new Map<OriginName, string>();
  const isGenuine = async (origin: OriginName, value: string, said: string, signature: string) => {
    if (known.get(origin) === value) return true;
    const text = encoder.encode(`${origin}\n${said}`);
    if (!(await crypto.subtle.verify("HMAC", key, bytesOf(signature), text))) return false;
    known.set(origin, value);
    return true;
  };
  return {
    read: async (origin, headers, now) => {
      const value = headers.get(loadHeader);
      if (value === null) return {};
      const { said, signature } = signed.exec(value)?.groups ?? {};
      const report = said === undefined ? undefined : parseReport(said);
      if (said === undefined || signature === undefined || report === undefined) return refused;
      if (Math.abs(now - report.atMs) > maxAgeMs) return refused;
      return (await isGenuine(origin, value, said, signature)) ? { report } : refused;
    },
  };
}

function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
