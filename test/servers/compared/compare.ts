/** Asks Weir and the other servers the same, and says where they differ. */
import { differences } from "./differences/all.ts";
import type { ComparedServer, Difference, Divergence } from "./differences/difference.ts";
import { exchange, type Exchange } from "./exchange.ts";
import type { NotingOrigin } from "./noting-origin.ts";
import { requestsOf, type ComparedRequest } from "./requests.ts";
import type { RuleSet } from "./rule-set.ts";

export interface Comparison {
  /** Differences that no row of the table has, as text. */
  readonly unexplained: readonly string[];
  /** The rows that have occurred. */
  readonly occurred: ReadonlySet<Difference>;
}

/** What Weir and one other server have answered to each request of a set. */
export interface Answers {
  readonly request: ComparedRequest;
  readonly weir: Exchange;
  readonly others: ReadonlyMap<ComparedServer, Exchange>;
}

/** Asks all servers for all requests of a set. @param others their URLs by name, where they are. */
export function askAll(
  set: RuleSet,
  weir: string,
  others: ReadonlyMap<ComparedServer, string>,
  origin: NotingOrigin,
): Promise<readonly Answers[]> {
  const askEach = async (request: ComparedRequest): Promise<Answers> => {
    const named = [...others].map(
      async ([name, url]) => [name, await exchange(url, request, origin)] as const,
    );
    const [ours, ...theirs] = await Promise.all([exchange(weir, request, origin), ...named]);
    return { request, weir: ours, others: new Map(theirs) };
  };
  return Promise.all(requestsOf(set).map(askEach));
}

/** Holds the answers of one server against Weir's. */
export function compare(answers: readonly Answers[], server: ComparedServer): Comparison {
  const plain = answers[0]?.weir ?? { status: 0 };
  const occurred = new Set<Difference>();
  const unexplained: string[] = [];
  for (const { request, weir, others } of answers) {
    const other = others.get(server);
    if (other === undefined || JSON.stringify(weir) === JSON.stringify(other)) continue;
    const divergence: Divergence = { request, weir, other, plain };
    const row = differences.find((row) => row[server] !== undefined && row.isIt(divergence));
    if (row === undefined) unexplained.push(described(divergence, server));
    else occurred.add(row);
  }
  return { unexplained, occurred };
}

function described({ request, weir, other }: Divergence, server: ComparedServer): string {
  const { kind, target, spelling = "as it is" } = request;
  return `${kind} ${target} (${spelling}): Weir ${JSON.stringify(weir)}, ${server} ${JSON.stringify(other)}`;
}
