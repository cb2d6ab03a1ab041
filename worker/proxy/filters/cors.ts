/**
 * `cors` of a route: preflights are answered here, and every other answer says which site's scripts may read it, Weir's own answers too: a script
 * sees that it got 503 or 429. What the origin says of the matter is replaced.
 */
import {
  answerFields,
  missingInVary,
  preflightFields,
  variesBy,
  type CorsPolicy,
} from "../../../core/headers/cors.ts";
import type { Transaction } from "../transaction.ts";
import type { FilterMaker } from "./filter.ts";

export const corsFilter: FilterMaker = ({ route: { cors } }) => {
  if (cors === undefined) return undefined;
  const varying = variesBy(cors, false);
  return {
    name: "cors",
    onThrow: "refuse",
    onRequest: (tx) => {
      if (!isPreflight(tx)) return undefined;
      return { kind: "answer", answer: { kind: "response", response: preflightAnswer(tx, cors) } };
    },
    onSend: (tx, { headers }) => {
      if (isPreflight(tx)) return;
      for (const name of ownNames) headers.delete(name);
      if (varying.length > 0) {
        const missing = missingInVary(headers.get("Vary") ?? "", varying);
        if (missing.length > 0) headers.append("Vary", missing.join(", "));
      }
      const origin = tx.request.headers.get("Origin");
      if (origin === null) return;
      for (const [name, value] of answerFields(cors, origin)) headers.set(name, value);
    },
  };
};

const ownNames = [
  "Access-Control-Allow-Origin",
  "Access-Control-Allow-Credentials",
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Headers",
  "Access-Control-Expose-Headers",
  "Access-Control-Max-Age",
] as const;

/** The Fetch standard §3.2.2: any other OPTIONS is the application's. */
function isPreflight({ method, request: { headers } }: Transaction): boolean {
  return method === "OPTIONS" && headers.has("Origin") && headers.has("Access-Control-Request-Method");
}

function preflightAnswer({ request }: Transaction, cors: CorsPolicy): Response {
  const asked = request.headers;
  const headers = new Headers();
  const preflight = {
    origin: asked.get("Origin") ?? "",
    method: asked.get("Access-Control-Request-Method") ?? "",
    headers: asked.get("Access-Control-Request-Headers") ?? undefined,
  };
  for (const [name, value] of preflightFields(cors, preflight)) headers.set(name, value);
  const varying = variesBy(cors, true);
  if (varying.length > 0) headers.set("Vary", varying.join(", "));
  return new Response(null, { status: 204, headers });
}
