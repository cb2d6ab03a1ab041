/** Orders to a running Weir, by its API: which origin is meant, what it is told, how it stands. Each failure has its exit code. */
import { request } from "undici";
import type { OperatorOrder } from "../../core/model/operator.ts";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import { ExpectedError } from "../expected-error.ts";
import { adminTokenFile, findAdminToken, tokenVariable } from "../local/admin-token-file.ts";
import { readSecret } from "../local/kept-secret.ts";
import { displayPath } from "../terminal/display-path.ts";
import { exitCodes } from "./exit-codes.ts";

export interface Whereabouts {
  /** Weir's own URL. */
  readonly url: string;
  /** The Host to send, where `admin.hosts` has others than that of the URL. */
  readonly host?: string;
  readonly tokenFile?: string;
}

/** An origin, by its upstream's name and its own. */
export interface Address {
  readonly upstream: string;
  readonly origin: string;
}

export interface OperatorClient {
  /** The origin of that name. @throws ExpectedError if there is none, or several upstreams have one. */
  readonly find: (origin: string, upstream?: string) => Promise<Address>;
  readonly look: (address: Address) => Promise<OriginView>;
  readonly order: (address: Address, order: OperatorOrder) => Promise<OriginView>;
}

const base = "/_weir/api/v1/upstreams";

/** Where `weir start` keeps its state, unless it is told otherwise. */
const stateDir = ".weir";
const answerWithinMs = 10_000;

/** @throws ExpectedError without a token. */
export async function operatorClient({ url, host, tokenFile }: Whereabouts): Promise<OperatorClient> {
  const { token, ...source } = await tokenFrom(tokenFile);
  const origin = url.replace(/\/+$/, "");
  const headers = { authorization: `Bearer ${token}`, ...(host !== undefined && { host }) };
  const call = async (method: "GET" | "POST", path: string): Promise<unknown> => {
    const timeouts = { headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs };
    const answer = await request(`${origin}${path}`, { method, headers, ...timeouts }).catch(
      (error: unknown) => {
        const message = `Weir does not answer at ${origin}: ${error instanceof Error ? error.message : String(error)}.`;
        throw new ExpectedError(
          message,
          "Is Weir running at that URL? Set another one with --url.",
          exitCodes.noAnswer,
        );
      },
    );
    const text = await answer.body.text();
    if (answer.statusCode === 200) return parsed(text, origin);
    throw refused(answer.statusCode, text, origin, source);
  };
  const upstreams = async (): Promise<readonly UpstreamView[]> => {
    const answer = await call("GET", base);
    if (hasUpstreams(answer)) return answer.upstreams;
    throw strange(origin, JSON.stringify(answer));
  };
  return {
    find: async (name, upstream) => only(await upstreams(), name, upstream),
    look: async (address) => viewIn(await upstreams(), address),
    order: async (address, order) => {
      const { upstream, origin: name } = address;
      const path = `${base}/${encodeURIComponent(upstream)}/origins/${encodeURIComponent(name)}/${order}`;
      await call("POST", path);
      return viewIn(await upstreams(), address);
    },
  };
}

/** Where a token was found, and what to do if it is not the one. */
interface TokenSource {
  readonly where: string;
  readonly hint: string;
}

const ownToken = "weir start says where its token is: --token-file FILE.";

async function tokenFrom(file: string | undefined): Promise<TokenSource & { readonly token: string }> {
  const found =
    file === undefined
      ? await findAdminToken(stateDir, process.env)
      : { token: await readSecret(file), where: displayPath(file) };
  if (found?.token !== undefined) {
    const { token, where } = found;
    const isEnvironment = where === tokenVariable;
    const hint = isEnvironment ? `It comes before ${adminTokenFile(stateDir)}. ${ownToken}` : ownToken;
    // What a header can carry; any other is not one that Weir would know.
    if (/^[\x21-\x7e]+$/.test(token)) return { token, where, hint };
    throw new ExpectedError(
      "The admin token has characters that no token has: spaces, line breaks, or letters beyond ASCII.",
      "Was it copied whole? weir start keeps it in its state directory, in admin-token.",
      exitCodes.notAdmitted,
    );
  }
  const looked =
    file === undefined
      ? `neither WEIR_ADMIN_TOKEN is set, nor is there ${adminTokenFile(stateDir)}`
      : `${file} is not there, or empty`;
  throw new ExpectedError(
    `There is no admin token: ${looked}.`,
    "weir start keeps it in its state directory (--token-file DIR/admin-token); of a deployed Weir it is the secret WEIR_ADMIN_TOKEN.",
    exitCodes.notAdmitted,
  );
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange(url, text);
  }
}

const strange = (url: string, text: string): ExpectedError =>
  new ExpectedError(
    `What answers at ${url} is not Weir's API: ${text.slice(0, 200)}`,
    "If its config sets admin.hosts, name one of these hosts with --host.",
    exitCodes.noAnswer,
  );

function refused(status: number, text: string, url: string, { where, hint }: TokenSource): ExpectedError {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (status === 403 && message !== undefined)
    return new ExpectedError(
      `Weir at ${url} does not admit the token of ${where}: ${message}`,
      hint,
      exitCodes.notAdmitted,
    );
  return strange(url, `${status} ${text}`);
}

function only(upstreams: readonly UpstreamView[], name: string, upstream: string | undefined): Address {
  const all = upstreams
    .filter((one) => upstream === undefined || one.name === upstream)
    .flatMap((one) =>
      one.pools.flatMap(({ origins }) => origins.map(({ name: origin }) => ({ upstream: one.name, origin }))),
    );
  const [first, ...others] = all.filter(({ origin }) => origin === name);
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined) {
    // Upstreams often have origins of the same names.
    const isOne = new Set(all.map((one) => one.upstream)).size <= 1;
    const known =
      all.map((one) => (isOne ? one.origin : `${one.upstream}/${one.origin}`)).join(", ") || "none";
    const where = upstream === undefined ? "" : ` in upstream "${upstream}"`;
    throw new ExpectedError(
      `There is no origin "${name}"${where}. Known: ${known}.`,
      undefined,
      exitCodes.noOrigin,
    );
  }
  const names = [first, ...others].map((one) => one.upstream).join(", ");
  throw new ExpectedError(
    `Several upstreams have an origin "${name}": ${names}.`,
    "Choose one with --upstream",
    exitCodes.noOrigin,
  );
}

function viewIn(upstreams: readonly UpstreamView[], { upstream, origin }: Address): OriginView {
  const view = upstreams
    .find(({ name }) => name === upstream)
    ?.pools.flatMap(({ origins }) => origins)
    .find(({ name }) => name === origin);
  if (view !== undefined) return view;
  throw new ExpectedError(
    `The origin "${origin}" is gone from "${upstream}".`,
    undefined,
    exitCodes.noOrigin,
  );
}

const hasUpstreams = (answer: unknown): answer is { readonly upstreams: readonly UpstreamView[] } =>
  typeof answer === "object" && answer !== null && "upstreams" in answer && Array.isArray(answer.upstreams);
