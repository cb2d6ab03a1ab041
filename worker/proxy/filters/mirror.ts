/**
 * `mirror` of a route: a copy of the request for another upstream, after what it does to the request itself has been decided. The
 * client never waits for a copy, and an upstream of copies that hangs costs only as many as may be under way at a time.
 */
import type { MirrorConfig } from "../../config/sections/mirror.ts";
import { dropBody } from "../response/drop-body.ts";
import { sendAside } from "../side-request.ts";
import type { Transaction } from "../transaction.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { FilterMaker } from "./filter.ts";

export const mirrorFilter: FilterMaker = ({ route: { mirror }, upstreamOf }) => {
  if (mirror === undefined) return undefined;
  const upstream = upstreamOf(mirror.upstream);
  let underWay = 0;
  return {
    name: "mirror",
    onThrow: "skip",
    onReady: (tx) => {
      const { bodyBytes } = tx;
      if (bodyBytes === undefined || (bodyBytes?.byteLength ?? 0) > mirror.maxBodyBytes) return undefined;
      if (isUpgrade(tx) || Math.random() >= mirror.share) return undefined;
      if (underWay >= mirror.atMost) {
        tx.client.holder.count("unmirrored", { route: tx.route.name });
        return undefined;
      }
      underWay++;
      const copying = copy(tx, upstream, mirror, bodyBytes).finally(() => underWay--);
      tx.waitUntil(copying);
      return undefined;
    },
  };
};

/** A WebSocket is a conversation, of which a copy would have only the beginning. */
const isUpgrade = ({ request }: Transaction): boolean => request.headers.has("Upgrade");

async function copy(
  tx: Transaction,
  upstream: ActiveUpstream,
  { timeoutMs }: MirrorConfig,
  body: Uint8Array<ArrayBuffer> | null,
): Promise<void> {
  // The request itself goes first.
  await Promise.resolve();
  const { method, url, request } = tx;
  const headers = new Headers(request.headers);
  if (body !== null) headers.set("Content-Length", String(body.byteLength));
  const answer = await sendAside(tx, {
    by: "mirror",
    upstream,
    method,
    target: url.target,
    headers,
    body,
    timeoutMs,
    outlivesClient: true,
    edit: (edited) => tx.applyEdits(edited),
  });
  if (answer.kind === "answered") await dropBody(answer.response);
}
