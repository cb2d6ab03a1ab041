/** `policy`: the rule that picks an origin of a pool, its name or an object with its name and options. */
import * as z from "zod";
import { answerTimes, policyNames, type Policy } from "../../../core/model/upstream.ts";
import { flag, object, oneOf } from "../kinds/fields.ts";
import { requestKey } from "../kinds/request-key.ts";
import { expectedWord } from "../parse/nearest.ts";

/** All but `hash`, which means nothing without its key. */
const bareNames = policyNames.filter((name) => name !== "hash");
const plainNames = bareNames.filter((name) => name !== "least_time" && name !== "random_two");

const hashExample = '{ "name": "hash", "key": "header:X-Tenant" }';

/** What is expected instead of this value. */
function expectedFor(written: unknown): string {
  if (written === "hash") return `an object with what to hash, such as ${hashExample}`;
  if (typeof written !== "string") return `the name of a policy, or an object such as ${hashExample}`;
  return expectedWord(written, policyNames);
}

const policyObject = "a policy's object";
const withOptions = z.discriminatedUnion(
  "name",
  [
    object(policyObject, { name: oneOf(plainNames).describe("The policy.") }),
    object(policyObject, {
      name: z.literal("least_time").describe("The lowest average response time × (open requests + 1)."),
      by: z
        .exactOptional(oneOf(answerTimes))
        .describe(
          'The time that counts: to the response\'s headers, or to its last byte. Default: `"header"`.',
        ),
      inflight: z
        .exactOptional(flag())
        .describe("Requests that are still open count, too, by their age. Default: `false`."),
    }),
    object(policyObject, {
      name: z.literal("random_two").describe("The better of two random ones."),
      by: z
        .exactOptional(oneOf(["least_conn", "least_time"]))
        .describe(
          'How the two are compared: by open requests, or by time and open requests. Default: `"least_conn"`.',
        ),
    }),
    object(policyObject, {
      name: z.literal("hash").describe("Equal keys go to the same origin."),
      key: requestKey.describe(
        '`"path"`, `"address"`, `"header:NAME"`, `"cookie:NAME"` or `"query:NAME"`: equal keys go to the same origin.',
      ),
      bounded: z
        .exactOptional(flag())
        .describe("No origin has more than 1.25 times its share of the open requests. Default: `true`."),
    }),
  ],
  { error: ({ input }) => expectedFor(nameIn(input)) },
);

function nameIn(written: unknown): unknown {
  return typeof written === "object" && written !== null && "name" in written ? written.name : undefined;
}

const plainName = z.enum(bareNames).meta({
  typeName: "PlainPolicyName",
  description:
    "The policies that need no options. `least_time` uses the time to the headers, `random_two` open requests.",
});

export const policy = z.union([plainName, withOptions.meta({ typeName: "WeirPolicy" })], {
  error: ({ input }) => expectedFor(input),
});

/** A policy with its options; nginx's defaults where nginx has them. */
export function compilePolicy(given: z.output<typeof policy>): Policy {
  const written = typeof given === "string" ? { name: given } : given;
  switch (written.name) {
    case "least_time":
      return { by: "header", inflight: false, ...written, name: "least_time" };
    case "random_two":
      return { by: "least_conn", ...written, name: "random_two" };
    case "hash":
      return { bounded: true, ...written };
    case "adaptive":
    case "round_robin":
    case "least_conn":
    case "peak_ewma":
    case "ip_hash":
    case "first":
      return { name: written.name };
  }
}
