/** The origins of an upstream that this isolate knows: those of its config, and those that have registered themselves since. */
import type { RosterNews } from "../../core/protocol/members.ts";
import type { GrantedPick } from "../../core/protocol/pick.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import type { UpstreamConfig } from "../config/sections/upstream.ts";
import { withMembers } from "../config/with-members.ts";

export class KnownOrigins {
  readonly #written: UpstreamConfig;
  #config: UpstreamConfig;
  #version = 0;

  constructor(written: UpstreamConfig) {
    this.#written = written;
    this.#config = written;
  }

  /** The message, with the version of the roster that this isolate knows, if it knows one: the answer brings a newer one. */
  withRoster<Message extends object>(message: Message): Message & { readonly roster?: number } {
    return this.#version === 0 ? message : { ...message, roster: this.#version };
  }

  /** Takes in what an answer says of the roster. The upstream with its members, if that is newer than what is known. */
  learn(news: RosterNews | undefined): UpstreamConfig | undefined {
    if (news === undefined || news.version <= this.#version) return undefined;
    this.#version = news.version;
    this.#config = withMembers(this.#written, news.members);
    return this.#config;
  }

  /** The origin of a pick; `undefined`: this isolate does not know it, or not yet. */
  of({ pool, origin }: GrantedPick): OriginConfig | undefined {
    const { origins } = this.#config.pools.find(({ name }) => name === pool) ?? {};
    return origins?.find(({ name }) => name === origin);
  }
}
