/**
 * `npm run bench:networks`: what it costs to find a client's address among 10,000 networks, beside a `Map.get` of the same addresses in a map of as many
 * entries, in turns within one run. Exit code 1: it costs more than ten times as much.
 */
import { parseNetwork, membership } from "../../../worker/config/kinds/network.ts";

const [count, calls, rounds, most] = [10_000, 200_000, 15, 10];

type LookUp = (text: string) => boolean;

interface Family {
  readonly name: string;
  /** Of networks; the address of the same number is in it. */
  readonly network: (nth: number) => string;
  readonly address: (nth: number) => string;
}

const octets = (nth: number): string => `${Math.floor(nth / 256)}.${nth % 256}`;
const families: readonly Family[] = [
  { name: "IPv4", network: (nth) => `10.${octets(nth)}.0/25`, address: (nth) => `10.${octets(nth)}.77` },
  {
    name: "IPv6",
    network: (nth) => `2001:db8:${nth.toString(16)}::/48`,
    address: (nth) => `2001:db8:${nth.toString(16)}::77:1`,
  },
];

/** Every second address is in no network. In no order, so that no cache has the next one. */
function asked({ address }: Family): string[] {
  return Array.from({ length: calls }, (_, nth) => address((nth * 7_919) % (2 * count)));
}

/** Nanoseconds for each call, text included: strings are made anew, as requests bring them. */
function timeOf(lookUp: LookUp, texts: readonly string[]): number {
  const fresh = texts.map((text) => Buffer.from(text).toString("latin1"));
  let found = 0;
  const begun = performance.now();
  for (const text of fresh) if (lookUp(text)) found++;
  const ns = ((performance.now() - begun) * 1e6) / fresh.length;
  if (Math.abs(found / fresh.length - 0.5) > 0.05) throw new Error(`${found} of ${fresh.length} were found`);
  return ns;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

let isMissed = false;
for (const family of families) {
  const numbers = Array.from({ length: count }, (_, nth) => nth);
  const map = new Map(numbers.map((nth) => [family.address(nth), nth]));
  const isIn = membership(numbers.flatMap((nth) => parseNetwork(family.network(nth)) ?? []));
  const texts = asked(family);
  const times: { map: number[]; networks: number[] } = { map: [], networks: [] };
  for (let round = 0; round < rounds; round++) {
    times.map.push(timeOf((text) => map.get(text) !== undefined, texts));
    times.networks.push(timeOf(isIn, texts));
  }
  const [mapNs, networksNs] = [median(times.map), median(times.networks)];
  const factor = networksNs / mapNs;
  isMissed ||= factor > most;
  console.log(
    `${family.name}: Map.get ${mapNs.toFixed(0)} ns, ${count} networks ${networksNs.toFixed(0)} ns: ${factor.toFixed(1)} times (at most ${most})`,
  );
}
process.exitCode = isMissed ? 1 : 0;
