/** A plain HTTP client for tests: it follows nothing, retries nothing, and keeps no connection unless told to. */
import { request, type Agent, type IncomingHttpHeaders } from "node:http";

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Ask {
  readonly method?: string;
  /** In place of the URL's path and query: sent as it is, with dot segments and all. */
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Buffer | string;
  readonly signal?: AbortSignal;
  readonly agent?: Agent;
}

/** One request on a connection of its own. Rejects with the system's error code if there is no whole answer. */
export function ask(url: string, { body, agent, ...options }: Ask = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: agent ?? false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The answer's body, read as JSON. */
export function json({ body }: Got): unknown {
  return JSON.parse(body.toString());
}

/** How `ask` fails when the connection breaks before the answer's end, and when no server listens. */
export const connectionReset = { code: "ECONNRESET" };
export const connectionRefused = { code: "ECONNREFUSED" };
