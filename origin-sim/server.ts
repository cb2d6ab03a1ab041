/**
 * A simulated origin on a real port: Node's HTTP server in front, the model behind it. Thin on purpose: what is
 * answered is in `endpoints.ts`, when and whether in `model.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { seededRandom } from "../core/model/random.ts";
import { jsonAnswer, sendAnswer, sendCutAnswer } from "./answer.ts";
import { Driver, type Directive } from "./driver.ts";
import { endpointFor } from "./endpoints.ts";
import { Listener } from "./listen.ts";
import { OriginModel, type ModelStats } from "./model.ts";
import type { Fault } from "./model/fault.ts";
import { specIssues, type OriginSpec } from "./model/spec.ts";
import { readBody, type RequestBody } from "./request-body.ts";
import { isWebSocketUpgrade, webSocketEcho } from "./websocket.ts";

export interface OriginOptions {
  /** Sent as X-Origin: letters, digits, dots, dashes, underscores. */
  readonly name: string;
  readonly pool?: string;
  /** Default 127.0.0.1: no other machine can reach it. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
  readonly spec: OriginSpec;
  /** Of the service times. */
  readonly seed: number;
  /** Whether the spec's cold start applies to the first boot too, and not only to `revive`. Default false. */
  readonly startsCold?: boolean;
}

export interface OriginStats extends ModelStats {
  readonly name: string;
  readonly pool?: string;
  readonly url: string;
}

export interface RunningOrigin {
  readonly name: string;
  readonly pool?: string;
  readonly port: number;
  readonly url: string;
  stats(): OriginStats;
  resetStats(): void;
  setFault(fault: Fault): void;
  /** Stops listening and destroys every connection: from then on connections are refused. */
  kill(): Promise<void>;
  /** Listens again on the same port, after the spec's cold start. Rejects if the port was taken meanwhile. */
  revive(): Promise<void>;
  /** Kills it, at the end of a run. */
  close(): Promise<void>;
}

/**
 * How long an idle connection is kept. It must exceed the 5.0 s for which workerd keeps one: with Node's own
 * default, also 5 s, both ends close at the same moment and requests are lost.
 */
const keepAliveTimeoutMs = 65_000;

/** Starts an origin. Rejects if the spec is wrong or the port is taken; the message says what to do. */
export async function startOrigin(options: OriginOptions): Promise<RunningOrigin> {
  const { name, pool, host = "127.0.0.1", spec } = options;
  const issues = [...nameIssues("name", name), ...nameIssues("pool", pool ?? name), ...specIssues(spec)];
  if (issues.length > 0) throw new Error(`origin ${JSON.stringify(name)}: ${issues.join("; ")}`);

  const driver = new Driver(new OriginModel(spec, seededRandom(options.seed)));
  const listener = new Listener(httpServer(options, driver), `origin ${name}`, host);
  const port = await listener.open(options.port);
  driver.boot(options.startsCold === true ? spec.coldStartMs : 0);

  const identity = { name, ...(pool !== undefined && { pool }), port, url: `http://${host}:${port}` };
  let lastChange = Promise.resolve();
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const changed = lastChange.then(change);
    lastChange = changed.catch(() => undefined);
    return changed;
  };
  const kill = (): Promise<void> =>
    inTurn(async () => {
      driver.kill();
      await listener.close();
    });
  const revive = (): Promise<void> =>
    inTurn(async () => {
      if (driver.stats().phase !== "dead") return;
      await listener.open(port);
      driver.boot();
    });
  return {
    ...identity,
    stats: () => ({ ...identity, ...driver.stats() }),
    resetStats: () => driver.resetStats(),
    setFault: (fault) => driver.setFault(fault),
    kill,
    revive,
    close: kill,
  };
}

function httpServer(options: OriginOptions, driver: Driver): Server {
  const server = createServer({
    keepAliveTimeout: keepAliveTimeoutMs,
    // The next request's head may come at the last moment of the idle time.
    headersTimeout: keepAliveTimeoutMs + 5000,
    // A request may wait in the queue, or hang, for as long as its client likes.
    requestTimeout: 0,
    shouldUpgradeCallback: isWebSocketUpgrade,
  });
  server.on("request", (request, response) => handle(request, response, options, driver));
  server.on("upgrade", webSocketEcho(options.name, driver));
  return server;
}

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { name, pool }: OriginOptions,
  driver: Driver,
): void {
  const endpoint = endpointFor(request);
  let reading: Promise<RequestBody | undefined> = Promise.resolve(undefined);
  response.setHeader("X-Origin", name);

  const answer = async ({ status, cut }: Directive, release: (status: number) => void): Promise<void> => {
    const body = await reading;
    if (body === undefined) return;
    const context = {
      origin: name,
      ...(pool !== undefined && { pool }),
      inFlight: driver.stats().open,
      body,
    };
    const answer =
      status === undefined ? endpoint.answer(context) : jsonAnswer(status, { origin: name, status });
    await (cut ? sendCutAnswer : sendAnswer)(response, answer, () => release(answer.status));
  };
  const leave = driver.arrive({
    ...(endpoint.health !== undefined && { health: endpoint.health }),
    ...(endpoint.serviceMs !== undefined && { serviceMs: endpoint.serviceMs }),
    start() {
      reading = readBody(request, endpoint.keepBytes ?? 0);
    },
    refuse: () => request.socket.resetAndDestroy(),
    answer: (directive, release) => void answer(directive, release),
  });
  response.once("close", () => {
    if (!response.writableFinished) leave();
  });
}

function nameIssues(field: string, name: string): string[] {
  return /^[\w.-]+$/.test(name)
    ? []
    : [`${field} is ${JSON.stringify(name)}; expected letters, digits, dots, dashes and underscores`];
}
