/** Orders to a running Weir, by its API: which origin is meant, what it is told, how it stands. Each failure has its exit code. */
import type { OperatorOrder } from "../../core/model/operator.ts";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import { ExpectedError } from "../expected-error.ts";
import { apiCaller, strange, type Whereabouts } from "./api-caller.ts";
import { exitCodes } from "./exit-codes.ts";

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

const base = "upstreams";

/** @throws ExpectedError without a token. */
export async function operatorClient(whereabouts: Whereabouts): Promise<OperatorClient> {
  const call = await apiCaller(whereabouts);
  const upstreams = async (): Promise<readonly UpstreamView[]> => {
    const answer = await call("GET", base);
    if (hasUpstreams(answer)) return answer.upstreams;
    throw strange(whereabouts.url, JSON.stringify(answer));
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
