/**
 * The Worker as it ships, around which things go wrong on purpose: its objects can be made to die, to hear late, to answer
 * late and to be overloaded, its event loop to stand still, and a request can come from wherever a test says. Nothing of this is in the
 * bundle that ships.
 */
import shipped, {
  SocketTunnel,
  WeirProber,
  WeirRole,
  WeirUpstream as Shipped,
} from "../../../worker/index.ts";
import type { Env } from "../../../worker/env.ts";
import type { Sabotage } from "./sabotage.ts";

export { SocketTunnel, WeirProber, WeirRole };

/** By the object's name. It outlives an object's memory, as all objects of a process are in one isolate. */
const sabotaged = new Map<string, { readonly kind: Sabotage; readonly untilMs: number }>();

export class WeirUpstream extends Shipped {
  override async exchange(...message: Parameters<Shipped["exchange"]>): Promise<string> {
    const { kind, untilMs } = sabotaged.get(this.ctx.id.name ?? "") ?? { kind: undefined, untilMs: 0 };
    const leftMs = untilMs - Date.now();
    if (leftMs <= 0) return super.exchange(...message);
    if (kind === "overloaded")
      throw Object.assign(new Error("the object is overloaded"), { overloaded: true });
    if (kind === "deaf") await sleep(leftMs);
    const reply = await super.exchange(...message);
    if (kind === "mute") await sleep(leftMs);
    return reply;
  }

  sabotage(kind: Sabotage, forMs: number): void {
    if (kind === "abort") return this.ctx.abort("sabotage");
    sabotaged.set(this.ctx.id.name ?? "", { kind, untilMs: Date.now() + forMs });
  }
}

interface SabotagedEnv extends Omit<Env, "UPSTREAM_STATE"> {
  readonly UPSTREAM_STATE: DurableObjectNamespace<WeirUpstream>;
}

export default {
  fetch: (request, env, ctx) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sabotage") return sabotage(searchParams, env);
    if (pathname === "/stall") return stall(Number(searchParams.get("ms")));
    const continent = request.headers.get("X-Continent");
    if (continent === null) return shipped.fetch(request, env, ctx);
    const cf = { continent } as IncomingRequestCfProperties;
    return shipped.fetch(new Request(request, { cf }), env, ctx);
  },
  scheduled: (controller, env) => shipped.scheduled(controller, env),
} satisfies ExportedHandler<SabotagedEnv>;

/** `?object=NAME&kind=KIND&ms=TIME` */
async function sabotage(what: URLSearchParams, { UPSTREAM_STATE }: SabotagedEnv): Promise<Response> {
  const kind = what.get("kind") as Sabotage;
  try {
    await UPSTREAM_STATE.getByName(what.get("object") ?? "").sabotage(kind, Number(what.get("ms")));
  } catch (error) {
    // The process that would answer has been aborted.
    if (kind !== "abort") throw error;
  }
  return new Response(null, { status: 204 });
}

/** `?ms=TIME`: takes the processor for so long, so that nothing else of the isolate runs. */
function stall(forMs: number): Response {
  const untilMs = Date.now() + forMs;
  while (Date.now() < untilMs);
  return new Response(null, { status: 204 });
}

function sleep(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
