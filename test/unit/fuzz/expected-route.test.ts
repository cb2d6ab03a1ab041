/** What the trial of random configs expects of routes is what the table of routes finds: two writings of one specification. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { ConditionFacts } from "../../../core/rules/conditions.ts";
import { RouteQuestions } from "../../../core/rules/route-questions.ts";
import { RouteTable } from "../../../core/routing/route-table.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import { validConfig } from "../../support/configs/accepted-config.ts";
import type { TrialRequest } from "../../support/configs/expected-answer.ts";
import { canonicalPath, expectedRoute } from "../../support/configs/expected-route.ts";
import { runnable } from "../../support/configs/runnable.ts";
import { requestsFor } from "../../support/configs/trial-requests.ts";
import { runs } from "../../support/runs.ts";

/** As the trial sends it. */
const factsOf = ({ method, secure, told }: TrialRequest): ConditionFacts => ({
  method,
  scheme: secure ? "https" : "http",
  client: secure ? "203.0.113.9" : "127.0.0.1",
  header: (name) => (told && name === "x-country" ? "de" : undefined),
  cookie: (name) => (told && name === "lang" ? "de" : undefined),
});

test("each request of a trial has the route that the page on routes says", () => {
  fc.assert(
    fc.property(validConfig, (written) => {
      const config = runnable(written, "127.0.0.1:1");
      const parsed = parseConfig(config, () => undefined);
      if (!parsed.ok) return expect.fail(JSON.stringify(parsed.issues));
      const table = new RouteTable(parsed.config.routes);
      for (const asked of requestsFor(config)) {
        const [path = "", query = ""] = asked.target.split(/\?(.*)/s);
        const questions = new RouteQuestions(factsOf(asked), query);
        const found = table.find(asked.host, canonicalPath(path), questions);
        const index = found && "route" in found ? parsed.config.routes.indexOf(found.route) : -1;
        const expected = expectedRoute(config.routes, asked, canonicalPath(path));
        expect(index).toBe(config.routes.findIndex((one) => one === expected));
      }
    }),
    { numRuns: runs(60, 5_000) },
  );
});
