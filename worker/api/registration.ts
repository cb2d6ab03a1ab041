/**
 * Where origins register themselves: `POST /_weir/api/v1/pools/:pool/register`. It is the one path of the API that does not
 * take the admin token, which no server should need to have: the pool's secret is enough to register there, and only there.
 * The signature names the upstream and the pool, so one secret may serve several.
 * A caller whose signature is not good learns nothing, and the upstream's object is not asked for it.
 */
import { Hono } from "hono";

import type { Refusal } from "../../core/protocol/members.ts";
import type { AccessDeniedEvent } from "../../core/telemetry/events.ts";
import type { ActiveConfig, ActiveUpstream } from "../active-config.ts";
import type { RegisterConfig } from "../config/sections/register.ts";
import { parseRegistration, type RegistrationBody } from "../config/registration.ts";
import type { Env } from "../env.ts";
import type { Isolate } from "../isolate.ts";
import { upstreamStub } from "../objects/upstream-stub.ts";
import { isFresh, isGenuine, readClaim, registrationText, type Claim } from "../transport/signed-message.ts";
import { problem } from "./problem.ts";
import { claimant, type RefusedClaims } from "./refused-claims.ts";

/** A body has a name and a URL. */
const mostBytes = 4_096;

interface Open {
  readonly upstream: ActiveUpstream;
  readonly register: RegisterConfig;
}

export function registrationRoutes(isolate: Isolate, claims: RefusedClaims): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  app.post("/pools/:pool/register", async (c) => {
    const active = await isolate.config(c.env);
    const pool = c.req.param("pool");
    const open = active.ok ? openPools(active, pool) : [];
    if (open.length === 0) return problem(404, "unknown-pool", "No such pool takes registrations.");
    const body = await readBody(c.req.raw);
    if (body === undefined) return problem(413, "too-large", `A body has at most ${mostBytes} bytes.`);
    const claim = readClaim((name) => c.req.header(name));
    const trusted = claim && (await trustedBy(claim, { pool, body }, open));
    const refuse = (why: AccessDeniedEvent["why"]): void =>
      claims.refused("registration", why, claimant(c.req.raw, active));
    if (claim === undefined || trusted === undefined) {
      refuse(claim === undefined ? "no-signature" : "bad-signature");
      return problem(403, "bad-signature", unsigned);
    }
    if (!isFresh(claim, Date.now())) {
      refuse("stale");
      return problem(403, "stale", stale(claim));
    }
    const parsed = parseRegistration(body);
    if (!parsed.ok) return problem(400, "bad-registration", "The body is not a registration.", parsed.issues);
    return register(parsed.body, { pool, claim, trusted, env: c.env });
  });
  return app;
}

function openPools({ upstreams }: ActiveConfig & { ok: true }, pool: string): Open[] {
  return [...upstreams.values()].flatMap((upstream) => {
    const register = upstream.config.pools.find(({ name }) => name === pool)?.register;
    return register === undefined ? [] : [{ upstream, register }];
  });
}

/** The upstream that the message was signed for. */
async function trustedBy(
  claim: Claim,
  { pool, body }: { readonly pool: string; readonly body: string },
  open: readonly Open[],
): Promise<Open | undefined> {
  const checked = await Promise.all(
    open.map(({ upstream, register }) => {
      const text = registrationText({ upstream: upstream.config.name, pool }, body);
      return isGenuine(claim, text, register.secret);
    }),
  );
  return open[checked.indexOf(true)];
}

async function register(
  { name, url, leaving = false }: RegistrationBody,
  { pool, claim, trusted, env }: { pool: string; claim: Claim; trusted: Open; env: Env },
): Promise<Response> {
  const { upstream, register } = trusted;
  const said = { pool, name, url, leaving, saidMs: claim.saidMs };
  const answer = await upstreamStub(env, upstream).register(upstream.section, said);
  if (answer === undefined)
    return problem(500, "config-refused", "The upstream's object refuses this configuration.");
  if (answer.kind === "refused") return refusal(answer.why, { name, url, pool });
  const { kind: state, inFlight } = answer;
  const facts = { upstream: upstream.config.name, pool, origin: name, state };
  return Response.json({ ...facts, inFlight, everyMs: register.everyMs }, { headers: noStore });
}

const noStore = { "Cache-Control": "no-store" };

const unsigned =
  "Sign the timestamp, a dot, and POST, the upstream, the pool and the body, with line breaks between them, with the pool's secret: X-Weir-Timestamp: SECONDS, X-Weir-Signature: sha256=HEX (HMAC-SHA256).";

const stale = ({ saidMs }: Claim): string =>
  `The message is of ${new Date(saidMs).toISOString()}, and it is ${new Date().toISOString()}: sign each anew, at most a minute before.`;

function refusal(
  why: Refusal,
  { name, url, pool }: { readonly name: string; readonly url: string; readonly pool: string },
): Response {
  switch (why) {
    case "unknown-pool":
      return problem(404, why, "No such pool takes registrations.");
    case "url-refused":
      return problem(403, why, `The pool "${pool}" does not take origins at ${url}: see its register.urls.`);
    case "name-taken":
      return problem(409, why, `The upstream has another origin "${name}".`);
    case "url-taken":
      return problem(409, why, `The upstream has another origin at ${url}.`);
    case "pool-full":
      return problem(409, why, `The pool "${pool}" has as many registered origins as register.max allows.`);
    case "draining":
      return problem(409, why, `"${name}" is on its way out. It may register again when it has gone.`);
    case "out-of-service":
      return problem(409, why, `An operator has taken "${name}" out of service, and can bring it back.`);
    case "out-of-order":
      return problem(409, why, `"${name}" has said something later than this.`);
  }
}

/** The body as text; `undefined` if it is too long. */
async function readBody(request: Request): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // The rest of a body that is too long is left: the answer's lingering read drops it.
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
