/**
 * Who may use a route, by where the request comes from: steps in order, of which the first that names the source decides, as nginx's `allow` and
 * `deny` do. A source is an address in a network, a country, or the number of a network's operator (ASN).
 *
 * What is not known of a request counts against it: a step that denies names it, one that allows does not. So nothing that a platform does not tell
 * opens a route.
 */
import { parseAddress } from "./address.ts";
import { NetworkLists, type Network } from "./networks.ts";

/** What a step names. */
export type Source =
  | { readonly is: "all" }
  | { readonly is: "network"; readonly network: Network }
  | { readonly is: "country"; readonly country: string }
  | { readonly is: "asn"; readonly asn: number };

export interface AccessStep {
  readonly allows: boolean;
  readonly sources: readonly Source[];
}

/** What the platform tells of a client. */
export interface SourceFacts {
  readonly address: string | undefined;
  /** Two capitals (ISO 3166-1); Cloudflare has `T1` for Tor. */
  readonly country: string | undefined;
  readonly asn: number | undefined;
}

/** Why a request is refused: it is named by a step that denies; none that allows names it; or what would have told is not known. */
export type AccessRefusal = "denied" | "not-allowed" | Unknown;
type Unknown = "address-unknown" | "country-unknown" | "asn-unknown";

/** A step's sources that are no networks. */
interface OtherSources {
  /** The step's place among all. */
  readonly step: number;
  readonly allows: boolean;
  readonly isForAll: boolean;
  readonly countries: ReadonlySet<string>;
  readonly asns: ReadonlySet<number>;
}

export class AccessRules {
  readonly #steps: readonly AccessStep[];
  readonly #networks: NetworkLists;
  readonly #others: readonly OtherSources[];
  /** The first step that denies networks: an address that is not known may be in one of them. */
  readonly #firstDenied: number;
  readonly #allowsNetworks: boolean;
  readonly #allowsRest: boolean;

  /** @param allowsRest whether a source that no step names is allowed. */
  constructor(steps: readonly AccessStep[], allowsRest: boolean) {
    this.#steps = joined(steps);
    const networks = this.#steps.map(({ sources }) =>
      sources.flatMap((source) => (source.is === "network" ? source.network : [])),
    );
    const has = (allows: boolean) => (step: AccessStep, index: number) =>
      step.allows === allows && networks[index]?.length !== 0;
    this.#networks = new NetworkLists(networks);
    this.#others = this.#steps.flatMap(othersOf);
    this.#firstDenied = this.#steps.findIndex(has(false));
    this.#allowsNetworks = this.#steps.some(has(true));
    this.#allowsRest = allowsRest;
  }

  /** Why the request is refused; `undefined`: it may pass. */
  refusal(facts: SourceFacts): AccessRefusal | undefined {
    const address = facts.address === undefined ? undefined : parseAddress(facts.address);
    const first = address === undefined ? this.#firstDenied : this.#networks.firstWith(address);
    let unknown: Unknown | undefined;
    for (const other of this.#others) {
      if (first !== -1 && other.step >= first) break;
      const found = names(other, facts);
      if (found === true)
        return other.allows ? undefined : (unknown ?? (other.isForAll ? "not-allowed" : "denied"));
      if (found !== false && !other.allows) return found;
      if (found !== false) unknown ??= found;
    }
    if (address === undefined && (first !== -1 || (this.#allowsNetworks && !this.#allowsRest)))
      return "address-unknown";
    if (first !== -1) return this.#steps[first]?.allows === true ? undefined : (unknown ?? "denied");
    return this.#allowsRest ? undefined : (unknown ?? "not-allowed");
  }
}

/** Steps that follow each other and do the same are one. */
function joined(steps: readonly AccessStep[]): AccessStep[] {
  const made: { readonly allows: boolean; readonly sources: Source[] }[] = [];
  for (const { allows, sources } of steps) {
    if (sources.length === 0) continue;
    const last = made.at(-1);
    if (last?.allows === allows) last.sources.push(...sources);
    else made.push({ allows, sources: [...sources] });
  }
  return made;
}

function othersOf({ allows, sources }: AccessStep, step: number): OtherSources | [] {
  const isForAll = sources.some(({ is }) => is === "all");
  const countries = new Set(sources.flatMap((source) => (source.is === "country" ? source.country : [])));
  const asns = new Set(sources.flatMap((source) => (source.is === "asn" ? source.asn : [])));
  return isForAll || countries.size + asns.size > 0 ? { step, allows, isForAll, countries, asns } : [];
}

/** Whether they name the request, or what would have to be known to say so. */
function names(
  { isForAll, countries, asns }: OtherSources,
  { country, asn }: SourceFacts,
): boolean | Unknown {
  if (isForAll || (country !== undefined && countries.has(country)) || (asn !== undefined && asns.has(asn)))
    return true;
  if (countries.size > 0 && country === undefined) return "country-unknown";
  return asns.size > 0 && asn === undefined ? "asn-unknown" : false;
}
