/** By which URL an origin is asked: Host comes from it (`origin-request.ts`). Pure, so that the command line can use it, too. */
import type { OriginConfig } from "../config/sections/origin.ts";

/** The origin's URL as it is asked by: with the host that it is to see. */
export function baseUrl({ url, host }: Pick<OriginConfig, "url" | "host">, authority?: string): string {
  if (host === undefined) return url;
  const seen = host === "preserve" ? authority : host.literal;
  return seen === undefined ? url : url.replace(/^(https?:\/\/)[^/]+/, (_, scheme: string) => scheme + seen);
}
