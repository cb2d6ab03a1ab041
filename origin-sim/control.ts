/**
 * The switchboard of a running fleet, for people, demos and chaos runs:
 *
 *     GET  /origins            GET /origins/:name
 *     POST /origins/:name/fault          {"kind":"slow","factor":10} …
 *     POST /origins/:name/kill | revive | reset-stats
 *
 * `:name` is an origin, `all`, or `pool:<pool>`. It answers with the stats of what it touched: of one origin itself,
 * of a group in `origins`. It breaks things, so it listens on 127.0.0.1 only and does not obey web pages: a page
 * elsewhere could otherwise post to it through the browser of the person who runs it.
 */
import { createServer, type IncomingMessage } from "node:http";
import { jsonAnswer, sendAnswer, type Answer } from "./answer.ts";
import { Listener } from "./listen.ts";
import { parseFault } from "./model/fault.ts";
import { readBody } from "./request-body.ts";
import type { RunningOrigin } from "./server.ts";

export interface RunningControl {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const host = "127.0.0.1";
const maxBodyBytes = 4096;
const actions = ["fault", "kill", "revive", "reset-stats"] as const;
type Action = (typeof actions)[number];

/** Starts the control endpoint of these origins. Rejects if the port (0: any free one) is taken. */
export async function startControl(origins: readonly RunningOrigin[], port: number): Promise<RunningControl> {
  const server = createServer((request, response) => {
    void respond(origins, request).then((answer) => sendAnswer(response, answer, () => undefined));
  });
  const listener = new Listener(server, "control endpoint", host);
  const actualPort = await listener.open(port);
  return { port: actualPort, url: `http://${host}:${actualPort}`, close: () => listener.close() };
}

async function respond(origins: readonly RunningOrigin[], request: IncomingMessage): Promise<Answer> {
  if (!isLocalTool(request)) return problem(403, "only for tools on this machine, not for web pages");
  const [, root, name, action, ...rest] = (request.url ?? "/").split("?", 1)[0]?.split("/") ?? [];
  if (root !== "origins" || rest.length > 0) {
    return problem(404, "no such path; known: /origins, /origins/:name, /origins/:name/:action");
  }
  const target = decodeName(name);
  const chosen = choose(origins, target);
  if (chosen === undefined) return problem(404, `no origin "${target}"; known: ${known(origins)}`);
  if (action === undefined) {
    return request.method === "GET" ? report(chosen, target) : wrongMethod(request, "GET");
  }
  if (!isAction(action)) return problem(404, `no action "${action}"; known: ${actions.join(", ")}`);
  if (request.method !== "POST") return wrongMethod(request, "POST");
  return (await perform(action, chosen, request)) ?? report(chosen, target);
}

/** Does it to each of them. Returns an answer only if it could not. */
async function perform(
  action: Action,
  origins: readonly RunningOrigin[],
  request: IncomingMessage,
): Promise<Answer | undefined> {
  switch (action) {
    case "fault":
      return setFault(origins, request);
    case "kill":
      await Promise.all(origins.map((origin) => origin.kill()));
      return undefined;
    case "revive":
      try {
        await Promise.all(origins.map((origin) => origin.revive()));
        return undefined;
      } catch (error) {
        return problem(409, error instanceof Error ? error.message : String(error));
      }
    case "reset-stats":
      for (const origin of origins) origin.resetStats();
      return undefined;
  }
}

async function setFault(
  origins: readonly RunningOrigin[],
  request: IncomingMessage,
): Promise<Answer | undefined> {
  const body = await readBody(request, maxBodyBytes);
  if (body?.content === undefined) return problem(413, `the body is larger than ${maxBodyBytes} bytes`);
  const parsed = parseFault(parseJson(body.content.toString()));
  if (!parsed.ok) return problem(400, parsed.problem);
  for (const origin of origins) origin.setFault(parsed.fault);
  return undefined;
}

function choose(origins: readonly RunningOrigin[], target: string): readonly RunningOrigin[] | undefined {
  if (target === "all") return origins;
  const chosen = target.startsWith("pool:")
    ? origins.filter(({ pool }) => pool !== undefined && target === `pool:${pool}`)
    : origins.filter(({ name }) => name === target);
  return chosen.length > 0 ? chosen : undefined;
}

function report(chosen: readonly RunningOrigin[], target: string): Answer {
  const stats = chosen.map((origin) => origin.stats());
  const isOne = chosen[0]?.name === target;
  return jsonAnswer(200, isOne ? stats[0] : { origins: stats });
}

function known(origins: readonly RunningOrigin[]): string {
  const pools = new Set(origins.flatMap(({ pool }) => (pool === undefined ? [] : [`pool:${pool}`])));
  return [...origins.map(({ name }) => name), "all", ...pools].join(", ");
}

/**
 * Browsers send `Origin` with what a page posts; and a page that has made its own name point here (DNS rebinding)
 * is betrayed by the Host header.
 */
function isLocalTool({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "");
}

function isAction(action: string): action is Action {
  return (actions as readonly string[]).includes(action);
}

/** Undefined if it is not JSON, which no fault is either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeName(name: string | undefined): string {
  try {
    return decodeURIComponent(name ?? "all");
  } catch {
    return name ?? "all";
  }
}

function problem(status: number, error: string): Answer {
  return jsonAnswer(status, { error });
}

function wrongMethod({ method, url }: IncomingMessage, allowed: string): Answer {
  const error = `${method} ${url} is not possible; expected ${allowed}`;
  return jsonAnswer(405, { error }, { Allow: allowed });
}
