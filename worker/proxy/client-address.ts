import type { Target } from "../config/config.ts";
export function clientAddress(request: Request, target: Target): string | undefined {
  if (target === "edge") return request.headers.get("CF-Connecting-IP") ?? undefined;
  const ip = (request.cf as { clientIp?: string } | undefined)?.clientIp;
  return ip?.slice(0, ip.lastIndexOf(":"));
}
export function addressPrefix(address: string): string { return address.split(".").slice(0, 3).join("."); }
