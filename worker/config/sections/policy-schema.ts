/** The shape of a policy: its name, or an object with its name and options; see `schema.ts` for what a shape is. */
import * as z from "zod";
import { answerTimes, policyNames, type HashKey } from "../../../core/model/upstream.ts";
import { flag, oneOf, option, section, text } from "../kinds/fields.ts";
import { isToken } from "../kinds/http-syntax.ts";
import { expectedWord } from "../parse/nearest.ts";

/** All but `hash`, which means nothing without its key. */
const bareNames = policyNames.filter((name) => name !== "hash");

const hashExample = '{ "name": "hash", "key": "header:X-Tenant" }';

/** What is expected instead of this value. */
function expectedFor(written: unknown): string {
  if (written === "hash") return `an object with what to hash, such as ${hashExample}`;
  if (typeof written !== "string") return `the name of a policy, or an object such as ${hashExample}`;
  return expectedWord(written, policyNames);
}

const keyExpected =
  '"path", "address", "header:NAME", "cookie:NAME" or "query:NAME", the names those of HTTP (RFC 9110)';

/** `header:X-Tenant` and its like; `undefined` if it is not in the language. */
function parseHashKey(written: string): HashKey | undefined {
  if (written === "path" || written === "address") return { from: written };
  const colon = written.indexOf(":");
  const name = written.slice(colon + 1);
  switch (written.slice(0, Math.max(0, colon))) {
    case "header":
      return isToken(name) ? { from: "header", name: name.toLowerCase() } : undefined;
    case "cookie":
      return isToken(name) ? { from: "cookie", name } : undefined;
    case "query":
      return /^[^&=#\s]{1,256}$/.test(name) ? { from: "query", name } : undefined;
    default:
      return undefined;
  }
}

const plainNames = bareNames.filter((name) => name !== "least_time" && name !== "random_two");

const withOptions = z.discriminatedUnion(
  "name",
  [
    section("a policy's object", { name: oneOf(plainNames).describe("The policy.") }),
    section("a policy's object", {
      name: z.literal("least_time").describe("The policy."),
      by: option(oneOf(answerTimes), 'The time that counts. Default "header".'),
      inflight: option(flag(), "Requests still open count by their age. Default false."),
    }),
    section("a policy's object", {
      name: z.literal("random_two").describe("The policy."),
      by: option(oneOf(["least_conn", "least_time"]), 'How the two are compared. Default "least_conn".'),
    }),
    section("a policy's object", {
      name: z.literal("hash").describe("The policy."),
      key: text(keyExpected, parseHashKey).describe("What of a request is hashed."),
      bounded: option(flag(), "No origin gets much more than its share. Default true."),
    }),
  ],
  { error: ({ input }) => expectedFor(nameIn(input)) },
);

function nameIn(written: unknown): unknown {
  return typeof written === "object" && written !== null && "name" in written ? written.name : undefined;
}

/** A policy. */
export const policy = z.union([z.enum(bareNames), withOptions], {
  error: ({ input }) => expectedFor(input),
});

export type PolicyShape = z.output<typeof policy>;
