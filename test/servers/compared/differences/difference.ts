/** What a row of the table of differences is, and what its conditions are made of. */
import type { Exchange } from "../exchange.ts";
import type { ComparedRequest } from "../requests.ts";

export type ComparedServer = "nginx" | "apache";

/** A request to which Weir has answered otherwise than another server. */
export interface Divergence {
  readonly request: ComparedRequest;
  readonly weir: Exchange;
  readonly other: Exchange;
  /** Weir's answer to the first path of the set, in its plain spelling. */
  readonly plain: Exchange;
}

export interface Difference {
  /** What is asked; in Markdown, as the other texts. */
  readonly asked: string;
  readonly weir: string;
  /** Where it is another than Weir's. */
  readonly nginx?: string;
  readonly apache?: string;
  readonly why: string;
  /** Whether the divergence is this difference; the first row that says so has it. */
  readonly isIt: (divergence: Divergence) => boolean;
}

export const spelled = ({ request }: Divergence, ...names: readonly string[]): boolean =>
  request.spelling !== undefined && names.includes(request.spelling);

const isSame = (one: Exchange, other: Exchange): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Weir takes the path for the plain one, and the other server does not. */
export const asPlain = ({ weir, other, plain }: Divergence): boolean =>
  isSame(weir, plain) && !isSame(other, plain);

/** Where the origin, or the client, is sent. */
export const target = ({ location = "", origin = "" }: Exchange): string => location + origin;

/** How many arguments the query has. */
export const argumentsOf = (exchange: Exchange): number => target(exchange).split("&").length;

/** Weir has refused it, and the origin has seen nothing of it. */
export const isRefused = ({ status, origin }: Exchange): boolean => status === 400 && origin === undefined;
