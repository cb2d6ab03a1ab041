/** `rules` of a route: what `core/rules/` makes of the request, and the answers of rules that give one. */
import { applyRules, type RulesOutcome } from "../../../core/rules/rules.ts";
import { decodedPath } from "../../../core/rules/pattern.ts";
import { escapeFor, type EscapePlace } from "../../../core/templates/escape.ts";
import { render, type ValueOf } from "../../../core/templates/template.ts";
import type { RuleAnswer } from "../../config/kinds/answer.ts";
import { factsOf, placeOf } from "../request/request-facts.ts";
import { withTarget } from "../request/request-url.ts";
import type { Transaction } from "../transaction.ts";
import { refuse, type FilterMaker, type OwnAnswer, type RequestVerdict } from "./filter.ts";

export const rulesFilter: FilterMaker = ({ route: { rules, ambiguousPaths, pattern } }) => {
  if (rules === undefined) return undefined;
  const keeps = ambiguousPaths === "keep";
  const captures = pattern !== undefined && pattern.groups.count > 0;
  return {
    name: "rules",
    onThrow: "refuse",
    onRequest: (tx) => {
      const captured = captures ? pattern.find(decodedPath(tx.url.routingPath)) : undefined;
      return follow(tx, applyRules(rules, factsOf(tx), placeOf(tx), keeps, captured));
    },
  };
};

function follow(tx: Transaction, outcome: RulesOutcome<RuleAnswer>): RequestVerdict | undefined {
  if ("rule" in outcome) tx.event.rule = outcome.rule;
  switch (outcome.kind) {
    case "pass":
      return outcome.target === undefined ? undefined : sendOn(tx, outcome.target);
    case "reroute": {
      const url = withTarget(tx.url, outcome.target);
      return url === undefined ? refuse({ kind: "ambiguous-path" }) : { kind: "reroute", url };
    }
    case "redirect": {
      const { status, location } = outcome;
      return answer({
        kind: "response",
        response: new Response(null, { status, headers: { Location: location } }),
      });
    }
    case "redirect-loop":
      tx.event.failure = "redirect-loop";
      return refuse({ kind: "loop" });
    case "respond":
      return answer(respond(outcome.answer, outcome.values, tx.method));
    case "ambiguous-path":
      return refuse({ kind: "ambiguous-path" });
    case "too-long":
      return refuse({ kind: outcome.of === "target" ? "target-too-long" : "headers-too-large" });
  }
}

const answer = (own: OwnAnswer): RequestVerdict => ({ kind: "answer", answer: own });

function sendOn(tx: Transaction, target: string): RequestVerdict | undefined {
  const url = withTarget(tx.url, target);
  if (url === undefined) return refuse({ kind: "ambiguous-path" });
  tx.url = url;
  return undefined;
}

/** Statuses whose answers have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function respond({ status, body, type, headers }: RuleAnswer, values: ValueOf, method: string): OwnAnswer {
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    fields.set(
      name,
      render(value, values, (text, variable) => escapeFor("header", text, variable)),
    );
  }
  if (body === undefined && status >= 400)
    return { kind: "error", error: { kind: "refused-by-rule", status }, headers: fields };
  if (body === undefined || bodiless.has(status))
    return { kind: "response", response: new Response(null, { status, headers: fields }) };
  const place = placeIn(type);
  const text = render(body, values, (value, variable) => escapeFor(place, value, variable));
  fields.set("Content-Type", type);
  return {
    kind: "response",
    response: new Response(method === "HEAD" ? null : text, { status, headers: fields }),
  };
}

/** How values are escaped in a body of this type: in scripts and style sheets as in the texts of JSON, between quotes of theirs. */
function placeIn(type: string): EscapePlace {
  const [essence = ""] = type.toLowerCase().split(";");
  if (/html|xml|xsl|svg/.test(essence)) return "html";
  return /json|script|css/.test(essence) ? "json" : "text";
}
