/** The shape of a pool and its origins: where they are, what they cost, what may be spent; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import { whenUsedUps } from "../../../core/model/upstream.ts";
import { connections } from "../config.ts";
import {
  amount,
  checkedText,
  duration,
  flag,
  integer,
  list,
  oneOf,
  option,
  section,
  text,
} from "../kinds/fields.ts";
import { originUrlAdvice, originUrlExpected, parseOriginUrl } from "../kinds/origin-url.ts";
import { parseUrlPattern, urlPatternExpected } from "../kinds/url-pattern.ts";
import { access, originHost, via } from "./via-schema.ts";

export const nameExpected = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';
export const name = checkedText(nameExpected, (name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));

export const signingSecret = checkedText("a secret of 32 to 256 characters, as ${ENV:NAME}", (secret) =>
  /^.{32,256}$/s.test(secret),
);

const origin = section("an origin: an object with name and url", {
  name: name.describe("Unique in its upstream."),
  url: text(originUrlExpected, parseOriginUrl, originUrlAdvice).describe(
    "Scheme, host, port, and a path prefix if any.",
  ),
  weight: option(integer(0, 1000), "Share of the pool's traffic. Default 1; 0: never picked."),
  maxConns: option(integer(1, 1_000_000), "Most open requests, fleet-wide. Default: no limit."),
  backup: option(flag(), "Used only while no other origin of the pool can be used. Default false."),
  via: option(via, 'How Weir reaches it: public "fetch" (the default), or a binding.'),
  connection: option(
    oneOf(connections),
    'Connection reuse: "each" request has its own, "reuse" those of others, or what suits the origin ("auto", the default).',
  ),
  host: option(originHost, 'The Host header that it gets: "origin" (the default), "preserve", or a host.'),
  access: option(access, "A service token of Cloudflare Access. Default: none."),
});

const money = amount("an amount of money");

const cost = section("an object (keys: perRequest, perGb)", {
  perRequest: option(money, "Money for each attempt there, in your own currency. Default 0."),
  perGb: option(money, "Money for 10^9 bytes of response bodies. Default 0."),
});

const budget = section("an object (keys: requestsPerHour, moneyPerDay, whenUsedUp)", {
  requestsPerHour: option(
    integer(0, 1_000_000_000),
    "The most attempts in an hour of UTC. Default: no limit.",
  ),
  moneyPerDay: option(money, "The most money in a day of UTC, by cost. Default: no limit."),
  whenUsedUp: option(
    oneOf(whenUsedUps),
    'When used up: requests wait at home ("queue"), low priority is refused earlier ("shed-low-priority"), or the pool serves no more ("fail"). Default "fail".',
  ),
});

const register = section("an object with secret and urls", {
  secret: signingSecret.describe("The key that the origins sign with."),
  urls: list(text(urlPatternExpected, parseUrlPattern), 1, 100, "URLs").describe(
    "The URLs that they may register.",
  ),
  every: option(
    duration("1s", "5m"),
    'From heartbeat to heartbeat; an origin that misses three is removed. Default "10s".',
  ),
  max: option(integer(1, 1000), "The most registered origins at a time. Default 100."),
  maxConns: option(integer(1, 1_000_000), "Most open requests of each, fleet-wide. Default: no limit."),
});

export const pool = section("a pool: an object with name and origins", {
  name: name.describe("Unique in its upstream."),
  origins: list(origin, 0, 1000, "origins").describe("Servers that are alike. At least 1, or register."),
  capacity: option(
    z.literal("auto", { error: '"auto", or nothing: then maxConns of each origin says it' }),
    '"auto": Weir finds out how many requests home can have open, maxConns at most. Default: maxConns says it.',
  ),
  register: option(register, "Further origins may register themselves. Default: none may."),
  price: option(
    duration("0ms", "60s"),
    'What a request costs here, as the time that its user may wait at home instead. Default "0ms".',
  ),
  cost: option(cost, "What the pool costs; not for the first pool. Default: nothing."),
  budget: option(budget, "How much may be spent on the pool; not for the first pool. Default: no limit."),
});
