/**
 * HAProxy with the floor's duties, in one thread of one process, as workerd. It logs the same fields to its
 * standard output, which is thrown away.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../support/free-ports.ts";
import { startServerProcess } from "../../support/server-process.ts";
import type { Rung } from "../rung.ts";
import { claims, hopByHop } from "./end-to-end.js";

export const haproxy: Rung = {
  name: "haproxy",
  what: "HAProxy, one thread",
  needs: {
    name: "haproxy",
    purpose: "a proxy to compare with",
    askVersion: ["-v"],
    version: /^HAProxy version (\S+)/,
    home: "https://www.haproxy.org",
  },
  async start(origin, workDir) {
    const port = await freePort();
    const configFile = join(workDir, "haproxy.cfg");
    await writeFile(configFile, configText(port, new URL(origin.url).host));
    return startServerProcess("haproxy", ["-db", "-f", configFile], `http://127.0.0.1:${port}`);
  },
};

/** It frames messages itself: of the hop-by-hop headers those about framing are its own to read. */
const framing: ReadonlySet<string> = new Set(["Connection", "Transfer-Encoding", "Upgrade"]);

function configText(port: number, originHost: string): string {
  const removed = [...hopByHop.filter((name) => !framing.has(name)), ...claims];
  return `global
  nbthread 1
  maxconn 10240
  no strict-limits
  log stdout format raw local0

defaults
  mode http
  log global
  option http-keep-alive
  http-reuse always
  timeout connect 15s
  timeout server 15s
  timeout client 60s
  timeout http-request 15s
  timeout http-keep-alive 60s
  log-format '{"event":"request","requestId":"%[var(txn.id)]","method":"%HM","host":"%[var(txn.host)]","path":"%HPO","attempts":1,"upstream":"bench","pool":"on-prem","origin":"%s","mode":"none","status":%ST,"body":"%ts","durationMs":%Tt}'

frontend bench
  bind 127.0.0.1:${port}
  http-request set-var(txn.id) uuid
  http-request set-var(txn.host) req.hdr(Host)
  ${removed.map((name) => `http-request del-header ${name}`).join("\n  ")}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[var(txn.host)]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Request-Id %[var(txn.id)]
  http-response set-header X-Request-Id %[var(txn.id)]
  http-response del-header Keep-Alive
  default_backend origins

backend origins
  http-request set-header Host ${originHost}
  server origin ${originHost} maxconn 10240
`;
}
