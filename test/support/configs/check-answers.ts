/** Asks Weir what its config promises, and looks at what it answers. */
import assert from "node:assert/strict";

import type {
  WeirConfig,
  WeirOrigin,
  WeirPool,
  WeirUpstreamConfig,
} from "../../../worker/config/weir-config.ts";
import { ask, type Got } from "../ask.ts";
import { statusField, type Echoed, type Place } from "./echo-site.ts";
import { expectedAnswer, expectedHsts, type Expected, type TrialRequest } from "./expected-answer.ts";
import { requestsFor } from "./trial-requests.ts";

/** Rejects with an AssertionError if an answer is another than the config says. Returns how many requests it has made. */
export async function checkAnswers(url: string, config: WeirConfig, address: string): Promise<number> {
  let asked = 0;
  // One after the other: no limit of the config is in the way of any of them.
  for (const request of requestsFor(config)) {
    const expected = expectedAnswer(config, request);
    const answer = await send(url, config, request);
    asked += 1;
    try {
      checkAnswer(answer, expected, request);
      // What is too long for Weir, or could be for another route, is answered before there is one.
      if (answer.status !== 414 && answer.status !== 400)
        assert.equal(answer.headers[hsts], expectedHsts(config, request), hsts);
      if (expected.kind !== "origin" || answer.status !== 200) continue;
      const { route, upstream: name } = expected;
      const upstream = config.upstreams[name] ?? assert.fail(`there is no upstream ${name}`);
      const place = placeOf(answer);
      const origin = originAt(upstream, place);
      if (request.method !== "HEAD")
        checkEcho(
          JSON.parse(answer.body.toString()),
          origin,
          { ...request, target: expected.target },
          address,
        );
      checkOwnFields(answer, config, { upstream, place, debug: route.debug ?? false });
      // Where money is short a session may be elsewhere for a while.
      if (poolAt(upstream, place).budget !== undefined) continue;
      asked += await checkSession(answer, upstream, (cookie) => send(url, config, request, cookie));
    } catch (error) {
      const told = `${request.method} ${request.target} of ${request.host}${request.secure ? " by https" : ""}`;
      throw new Error(
        `${told}, answered ${answer.status} ${JSON.stringify(answer.headers)}: ${String(error)}`,
        { cause: error },
      );
    }
  }
  return asked;
}

function send(url: string, config: WeirConfig, request: TrialRequest, cookie?: string): Promise<Got> {
  const { method, host, target, secure, told, bodyBytes, fieldBytes, status } = request;
  const said =
    config.forwarding?.read === "forwarded"
      ? { Forwarded: "for=203.0.113.9;proto=https" }
      : { "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https" };
  return ask(url + target, {
    method,
    headers: {
      Host: host,
      [statusField]: String(status),
      ...(secure && said),
      ...(fieldBytes > 0 && { Qq: "x".repeat(fieldBytes) }),
      ...(told && { "X-Country": "de" }),
      ...((told || cookie) && { Cookie: [...(told ? ["lang=de"] : []), cookie].join("; ") }),
    },
    ...(bodyBytes > 0 && { body: Buffer.alloc(bodyBytes) }),
  });
}

const hsts = "strict-transport-security";

const placeOf = ({ headers }: Got): Place => String(headers["x-echo"]) as Place;

function checkAnswer(answer: Got, expected: Expected, { status }: TrialRequest): void {
  if (expected.kind === "own") {
    const seen = Object.keys(expected.fields).map((name) => [name, answer.headers[name]]);
    assert.deepEqual([answer.status, Object.fromEntries(seen)], [expected.status, expected.fields]);
    assert.equal(answer.headers["x-echo"], undefined, "no origin was asked");
    return;
  }
  const { places, orNobody, isIntercepted } = expected;
  if (orNobody && answer.status === 503) return;
  assert.equal(answer.status, status);
  assert.equal(answer.headers["x-echo"] === undefined, isIntercepted, "whose page it is");
  if (!isIntercepted)
    assert.ok(places.includes(placeOf(answer)), `${placeOf(answer)} is one of ${places.join(", ")}`);
}

function poolAt({ pools }: WeirUpstreamConfig, place: Place): WeirPool {
  const [, pool = 0] = place.split("-").map(Number);
  return pools[pool] ?? assert.fail(`there is no pool of ${place}`);
}

function originAt(upstream: WeirUpstreamConfig, place: Place): WeirOrigin {
  const [, , origin = 0] = place.split("-").map(Number);
  return poolAt(upstream, place).origins[origin] ?? assert.fail(`there is no origin ${place}`);
}

/** The request as the origin saw it. */
function checkEcho(echoed: Echoed, origin: WeirOrigin, request: TrialRequest, address: string): void {
  const { host = "origin", access, url } = origin;
  const ownHost = url.includes(address) ? address : new URL(url).host;
  const path = new URL(url).pathname.replace(/^\/origin-[\d-]+/, "").replace(/\/+$/, "");
  assert.deepEqual(
    [echoed.method, echoed.target, echoed.headers["host"], echoed.headers["cf-access-client-secret"]],
    [
      request.method,
      path + request.target,
      host === "origin" ? ownHost : host === "preserve" ? request.host : host,
      access?.secret,
    ],
  );
}

interface Served {
  readonly upstream: WeirUpstreamConfig;
  readonly place: Place;
  readonly debug: boolean;
}

/** What Weir says of its own in the answer of an origin. */
function checkOwnFields(
  { headers }: Got,
  { forwarding }: WeirConfig,
  { upstream, place, debug }: Served,
): void {
  const told = ["x-weir-pool", "x-weir-origin", "x-weir-attempts"].map((name) => headers[name]);
  const { name } = poolAt(upstream, place);
  assert.deepEqual(
    told,
    debug ? [name, originAt(upstream, place).name, "1"] : [undefined, undefined, undefined],
  );
  assert.equal(headers["via"], forwarding?.via && `1.1 ${forwarding.via}`);
}

/** A sticky upstream binds its client to the origin that it has met. Returns how many requests that took. */
async function checkSession(
  answer: Got,
  { sticky = false }: WeirUpstreamConfig,
  again: (cookie: string) => Promise<Got>,
): Promise<number> {
  const [field, ...more] = answer.headers["set-cookie"] ?? [];
  assert.deepEqual([field !== undefined, more], [sticky !== false, []], "cookies that are set");
  if (field === undefined || sticky === false) return 0;
  const { cookie = "weir", path = "/", domain } = sticky === true ? {} : sticky;
  const [pair = "", ...attributes] = field.split("; ");
  assert.ok(pair.startsWith(`${cookie}=`), pair);
  assert.ok(attributes.includes(`Path=${path}`), field);
  assert.equal(field.includes("Domain="), domain !== undefined, field);
  const next = await again(pair);
  assert.deepEqual([next.status, placeOf(next)], [200, placeOf(answer)], "the session's next request");
  return 1;
}
