/** What looks for a request's route, with the hosts and paths that cost most. */
import { HostIndex } from "../../../../../core/routing/host-index.ts";
import { PathIndex } from "../../../../../core/routing/path-index.ts";
import { chooseRoute } from "../../../../../core/routing/choose.ts";
import { routingPath } from "../../../../../core/routing/path.ts";
import { otherReadings } from "../../../../../core/routing/readings.ts";
import { RouteTable } from "../../../../../core/routing/route-table.ts";
import type { Pattern } from "../../../../../core/rules/pattern.ts";
import { RouteQuestions } from "../../../../../core/rules/route-questions.ts";
import { noGroups } from "../../../../../core/templates/template.ts";
import * as shapes from "./shapes.ts";
import type { Parser } from "./parser.ts";

/** As long as `limits.target` allows by default. */
const targetChars = 16_384;
/** Segments of the deepest route: a search ends there. The nodes of a deeper one are not near to the processor, and look slower than linear. */
const deepest = 100;
const indexChars = 1_024;

const table = new RouteTable([
  {},
  { prefix: "/api" },
  { exact: "/one" },
  { host: "*.a.test", prefix: "/x" },
  { host: "h", pattern: { source: "^/x" } },
]);
const isAsked = { holds: () => true, finds: () => false };
/** Deeper than the short texts are. */
interface Item {
  next: Item | undefined;
}
const deepPaths = new PathIndex<Item>(
  ["/a", "/;", "/"].flatMap((segment) =>
    (["prefix", "startsWith"] as const).map(
      (is) => [{ is, text: segment.repeat(deepest) }, [{ next: undefined }]] as const,
    ),
  ),
  [],
);
const deepHosts = new HostIndex(new Map([["*" + ".a".repeat(deepest), true]]));
const neverFound: Pattern = {
  source: "never",
  groups: noGroups,
  longest: Infinity,
  find: () => undefined,
  test: () => false,
};

export const ofRoutes: readonly Parser[] = [
  {
    of: ["core/routing/readings.ts#otherReadings", "core/routing/choose.ts#chooseRoute"],
    shapes: shapes.ofPaths,
    chars: targetChars,
    reads: (text) => {
      const path = routingPath(`/${text}`);
      return () => [
        otherReadings(path),
        chooseRoute(table, { hostname: "h", path, target: path, routingPath: path }, isAsked),
        table.find("x.a.test", path, isAsked),
        table.find(text.replaceAll("/", "."), "/", isAsked),
      ];
    },
  },
  {
    of: ["core/routing/path-index.ts#PathIndex", "core/routing/host-index.ts#HostIndex"],
    shapes: shapes.ofPaths,
    chars: indexChars,
    reads: (text) => {
      const path = routingPath(`/${text}`);
      const [deepPath, deepHost] = ["/a".repeat(text.length / 2), ".a".repeat(text.length / 2)];
      return () => [
        deepPaths.find(path),
        deepPaths.find(deepPath),
        deepHosts.find(path),
        deepHosts.find(deepHost),
      ];
    },
  },
  {
    of: ["core/rules/route-questions.ts#RouteQuestions"],
    shapes: shapes.ofPaths,
    chars: targetChars,
    reads: (text) => {
      const tests = [{ name: "x", test: { is: "one-of", texts: ["y"] } }] as const;
      const route = { when: { query: tests, cookies: tests }, pattern: neverFound };
      const facts = { method: "GET", scheme: "http", client: text, header: () => text, cookie: () => text };
      return () => {
        const questions = new RouteQuestions(facts, text);
        return [questions.holds(route), questions.finds(route, `/${text}`)];
      };
    },
  },
];
