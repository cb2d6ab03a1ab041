/**
 * Takes Weir's orders for instances (docs/bursting.md), as a program that starts instances in a cloud would. It believes an order if its
 * signature is good and it is of this minute, carries it out once however often it comes, and never after a later one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isFresh, isGenuine, readClaim } from "../../worker/transport/signed-message.ts";

export interface OrdersOptions {
  readonly secret: string;
  readonly upstream: string;
  readonly pool: string;
  /** Called with the number of instances that there are to be. */
  readonly scaleTo: (instances: number) => void;
}

interface Order {
  readonly instances: number;
  readonly orderedMs: number;
}

const mostBytes = 64 * 1_024;

/** A server for the webhook, not listening yet. It answers 204 to an order that is carried out, or was before. */
export function orderServer({ secret, upstream, pool, scaleTo }: OrdersOptions) {
  let last = { key: "", orderedMs: 0 };

  const take = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== "POST") return 405;
    const body = await readBody(request);
    if (body === undefined) return 413;
    const claim = readClaim((name) => request.headers[name.toLowerCase()]?.toString());
    if (claim === undefined || !(await isGenuine(claim, body, secret))) return 403;
    if (!isFresh(claim, Date.now())) return 403;
    const key = request.headers["idempotency-key"]?.toString();
    const order = readOrder(body, { upstream, pool });
    if (order === undefined || key === undefined) return 400;
    if (key === last.key || order.orderedMs < last.orderedMs) return 204;
    last = { key, orderedMs: order.orderedMs };
    scaleTo(order.instances);
    return 204;
  };

  return createServer((request, response) => void answer(take(request), response));
}

async function answer(taken: Promise<number>, response: ServerResponse): Promise<void> {
  const status = await taken.catch(() => 400);
  response.writeHead(status).end();
}

/** The order in the body; `undefined` if it is none for this pool. */
function readOrder(
  body: string,
  { upstream, pool }: Pick<OrdersOptions, "upstream" | "pool">,
): Order | undefined {
  const order: unknown = JSON.parse(body);
  if (typeof order !== "object" || order === null) return undefined;
  if (!("upstream" in order) || order.upstream !== upstream) return undefined;
  if (!("pool" in order) || order.pool !== pool) return undefined;
  if (!("instances" in order) || !isCount(order.instances)) return undefined;
  if (!("orderedMs" in order) || !isCount(order.orderedMs)) return undefined;
  return { instances: order.instances, orderedMs: order.orderedMs };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
