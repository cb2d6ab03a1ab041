/** Parsers of what a client sends, for the headers that the config makes of it; as `request-parsers.ts`. */
import {
  allowedOrigin,
  answerFields,
  missingInVary,
  preflightFields,
  type CorsPolicy,
} from "../../../../../core/headers/cors.ts";
import { removeFields, renderWrites, writeFields } from "../../../../../core/headers/edits.ts";
import { isOwned } from "../../../../../core/headers/owned.ts";
import { placeOf } from "../../../../../worker/proxy/request/request-facts.ts";
import * as shapes from "./shapes.ts";
import type { Parser } from "./parser.ts";

const url = { scheme: "http", authority: "h", hostname: "h", path: "/", routingPath: "/" } as const;

const corsPolicy: CorsPolicy = {
  origins: { exact: new Set(), below: [{ scheme: "https://", suffix: ".a.test" }] },
  methods: "any",
  headers: "any",
  exposed: [],
  credentials: true,
  maxAgeSeconds: 1,
};

export const ofHeaders: readonly Parser[] = [
  {
    of: [
      "core/headers/cors.ts#allowedOrigin",
      "core/headers/cors.ts#answerFields",
      "core/headers/cors.ts#preflightFields",
      "core/headers/cors.ts#missingInVary",
    ],
    shapes: [
      ...shapes.ofFields,
      ["https://", "a.", "a.test"],
      ["https://", "a-", ".a.test"],
      ["", "x-a, ", "b"],
    ],
    reads: (text) => () => [
      allowedOrigin(corsPolicy, text),
      answerFields(corsPolicy, text),
      preflightFields(corsPolicy, { origin: "https://b.a.test", method: text, headers: text }),
      missingInVary(text, ["Origin"]),
    ],
  },
  {
    of: [
      "core/headers/edits.ts#renderWrites",
      "core/headers/edits.ts#writeFields",
      "core/headers/edits.ts#removeFields",
      "core/headers/owned.ts#isOwned",
      "worker/proxy/request/request-facts.ts#placeOf",
    ],
    shapes: [...shapes.ofFields, ["", "\u00e9", ""], ["", "a?", ""]],
    reads: (text) => {
      const writes = [{ name: "x-a", how: "set", values: [[{ is: "client" }]] }] as const;
      return () => {
        const headers = new Headers();
        writeFields(headers, renderWrites(writes, () => text, Infinity) ?? []);
        removeFields(headers, [{ prefix: "x-" }], "request");
        return [isOwned("request", text), placeOf({ url: { ...url, target: text } })];
      };
    },
  },
];
