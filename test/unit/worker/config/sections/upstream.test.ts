/** An upstream's own options: words, `slowStart`, `regions`. */
import {
  accepts,
  duration,
  inUpstream,
  refuses,
  unknownKey,
  upstreamParts,
  words,
  type Scope,
} from "../tables.ts";

const wordsOf: Scope = {
  ...upstreamParts,
  compiled: ({ upstreams: [one] }) => [
    one?.coordination,
    one?.onCoordinatorLoss,
    one?.location,
    one?.slowStartMs,
  ],
};
accepts(wordsOf, [
  [{}, ["auto", "exceed", undefined, 30_000]],
  [{ sticky: undefined }, ["auto", "exceed", undefined, 30_000]],
  [
    { coordination: "leased", onCoordinatorLoss: "refuse", location: "weur", slowStart: "2m" },
    ["leased", "refuse", "weur", 120_000],
  ],
  [{ slowStart: "0s" }, ["auto", "exceed", undefined, undefined]],
]);
accepts(inUpstream("regions"), [[undefined, []], [["enam", "weur"]]]);

const hint = words("wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me");
const nine = ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc"];
const regions = "a list of 0 to 8 regions";
refuses(upstreamParts, [
  [{ polcy: 1 }, ".polcy", unknownKey("policy"), 'unknown key "polcy"'],
  [{ coordination: "some" }, ".coordination", words("auto", "strict", "leased")],
  [{ onCoordinatorLoss: "wait" }, ".onCoordinatorLoss", words("exceed", "refuse")],
  [{ location: "eu" }, ".location", hint],
  [{ slowStart: "61m" }, ".slowStart", duration("0s", "1h")],
  [{ regions: "weur" }, ".regions", regions],
  [{ regions: nine }, ".regions", regions],
  [{ regions: ["weur", "eu"] }, ".regions[1]", hint],
  [{ regions: [7] }, ".regions[0]", hint],
  [{ regions: ["weur", "enam", "weur"] }, ".regions[2]", "a region of its own; regions[0] is this one"],
]);
