/**
 * What a site asks of its proxy, said three times: as an nginx.conf has it, as Apache has it, and as routes of Weir. Each is written as its manual writes it,
 * not made to fit the others: where the three then differ, a user who moves would meet the difference (`differences.ts`).
 */
import type { WeirRoute, WeirUpstreamConfig } from "../../../worker/config/weir-config.ts";
import type { KindOfRequest } from "./kinds.ts";

export interface RuleSet {
  /** Begins the host's name, which ends in `.test`; or the whole one, if it has a dot. */
  readonly name: string;
  /** In a few words. */
  readonly about: string;
  /** In `server { }`; `ORIGIN` stands for the origin's address and port, `FILES` for the folder of `files`. */
  readonly nginx: string;
  /** In `<VirtualHost>`; likewise. */
  readonly apache: string;
  /** All of the host's routes; the upstream `site` is the origin. */
  readonly weir: readonly WeirRoute[];
  /** More of the upstream, which is then one of this set's own. */
  readonly upstream?: Partial<WeirUpstreamConfig>;
  /** What is asked for: paths that the rules are about, and some that they are not. The first is asked in every spelling (`spellings.ts`). */
  readonly paths: readonly string[];
  /** Not in other spellings: the set is about something else. */
  readonly isAskedPlainly?: boolean;
  /** In what ways each path is asked for; absent: those that most are. */
  readonly kinds?: readonly KindOfRequest[];
  /** What its servers read, by the name behind `FILES/`. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is compared beside the status, `Location`, and the request line at the origin. */
  readonly compares?: {
    /** Which headers that the origin gets, by their names in lower case. */
    readonly atOrigin?: RegExp;
    /** Which headers that the client gets. */
    readonly atClient?: RegExp;
    /** What of the answer's body: the first that is found. */
    readonly body?: RegExp;
  };
}

export const hostOf = ({ name }: RuleSet): string => (name.includes(".") ? name : `${name}.test`);

/** All of it to the origin, as it came. */
export const nginxForwards = "location / { proxy_pass http://ORIGIN; }";
export const apacheForwards = 'ProxyPass "/" "http://ORIGIN/"';
