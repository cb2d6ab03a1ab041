/**
 * The way to an origin: `via`, `connection`, `host` and `access`, and what each way can do. The platform ignores what it cannot do
 * (a Host header, say), so it has to be refused here, where the author of the config reads it.
 */
import * as z from "zod";
import { checkedText, object, oneOf, secretText, text } from "../kinds/fields.ts";
import { isIpAddress, isLocalhost, isPrivateName, parseAuthority } from "../kinds/host.ts";
import type { Rule } from "../rule.ts";
import { required, section } from "../section.ts";
import type { OriginValues } from "./origin.ts";

/** What a binding is, as far as it makes a difference. */
export const bindingKinds = ["vpc-network", "vpc-service", "worker", "mtls"] as const;
export type BindingKind = (typeof bindingKinds)[number];

/** How an origin is reached: a public `fetch`, or the `fetch` of a binding. */
export type Via = "fetch" | { readonly binding: string; readonly kind?: BindingKind };

/** Which connections requests to an origin have: one each, such as others have used, or what suits the origin. */
export const connections = ["auto", "each", "reuse"] as const;
export type ConnectionChoice = (typeof connections)[number];

const bindingName = checkedText(
  "the name of a binding: 1 to 64 letters, digits or _, the first a letter",
  (name) => /^[A-Za-z]\w{0,63}$/.test(name),
).meta({ examples: ["VPC", "TUNNEL"] });
const binding = object('"fetch", or an object with the key binding', {
  binding: bindingName.describe(
    "The Worker's binding whose `fetch` reaches the origin (VPC, tunnel, other Worker, mTLS).",
  ),
  kind: z.exactOptional(oneOf(bindingKinds)).describe("What the binding is. Default: not said."),
});

export const via: z.ZodType<Via> = z.union([z.literal("fetch"), binding], {
  error: '"fetch", or { "binding": "NAME" }',
});

/** The Host that an origin sees; absent: that of its URL. */
export type OriginHost = "preserve" | { readonly literal: string };

export const originHost = text('"origin", "preserve", or a host such as "shop.example.com"', readHost).meta({
  examples: ["origin", "preserve", "shop.example.com"],
});

function readHost(written: string): "origin" | OriginHost | undefined {
  if (written === "origin" || written === "preserve") return written;
  const literal = parseAuthority(written);
  return literal === undefined ? undefined : { literal };
}

const tokenPartExpected = "text of 1 to 256 visible characters, as ${ENV:NAME}";
const isTokenPart = (part: string): boolean => /^[!-~]{1,256}$/.test(part);
const clientId = checkedText(tokenPartExpected, isTokenPart).meta({ examples: ["0123abcd.access"] });

export const access = section("WeirAccess", {
  /** Sent as `CF-Access-Client-Id`. */
  id: required(clientId),
  /** Sent as `CF-Access-Client-Secret`. */
  secret: required(secretText(tokenPartExpected, isTokenPart)),
});

type Dialled = Pick<OriginValues, "via">;

const kindOf = ({ via }: Dialled): BindingKind | "fetch" | undefined =>
  via === "fetch" ? "fetch" : via.kind;

/** Whether the URL itself is what is dialled over the public network: a fetch, or one with a client certificate. */
const isPublic = (way: Dialled): boolean => kindOf(way) === "fetch" || kindOf(way) === "mtls";

export const wayRules: readonly Rule<OriginValues>[] = [
  // The platform refuses public fetches to addresses (error 1003) and finds no private names; other bindings may go anywhere.
  (way, _at, target) => {
    const { hostname } = new URL(way.url);
    const isFound = !isIpAddress(hostname) && !isLocalhost(hostname) && !isPrivateName(hostname);
    const expected =
      "a public DNS name: at the edge a public fetch to an IP address, localhost or a private name fails (error 1003, 530). Give the origin a public name, " +
      'or reach it through a Workers VPC or tunnel binding: via: { binding: "NAME" }';
    return target === "edge" && isPublic(way) && !isFound && { path: ["url"], expected };
  },
  // Only `"vpc-service"` and `"worker"` dial what they are bound to, whatever the URL's host says.
  (way) => {
    const isFixed = kindOf(way) === "vpc-service" || kindOf(way) === "worker";
    const expected =
      '"origin", or a way that dials a fixed address: via: { binding: "NAME", kind: "vpc-service" } (or "worker"). All others dial the host ' +
      "that they put into Host, and ignore a Host header; X-Forwarded-Host says what the client asked for";
    return way.host !== "origin" && !isFixed && { path: ["host"], expected };
  },
  // Sockets can be opened publicly, and through a VPC network.
  (way) => {
    const canOpen = kindOf(way) === "fetch" || kindOf(way) === "vpc-network";
    const expected =
      '"auto" or "reuse", or a way on which connections can be opened: via: "fetch", or { binding: "NAME", kind: "vpc-network" }';
    return way.connection === "each" && !canOpen && { path: ["connection"], expected };
  },
  (way) => {
    const isInTheClear = way.access !== undefined && isPublic(way) && way.url.startsWith("http:");
    const expected = "an https: URL: the access token must not travel in the clear";
    return isInTheClear && { path: ["url"], expected };
  },
];
