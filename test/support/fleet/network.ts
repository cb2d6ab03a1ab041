/** What is under way between the isolates and the object: each message is delivered, lost, repeated or left for later. */
import type { WaitEnd } from "../../../core/protocol/pick.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../core/protocol/exchange.ts";
import type { Isolate } from "./isolate.ts";

export interface Post<T> {
  readonly isolate: Isolate;
  readonly content: T;
}

export interface Reply {
  readonly seq: number;
  /** To a message; or to the call that waits with an ask: how its waiting has ended, which is nothing if it is forgotten. */
  readonly reply: ExchangeReply | { readonly ended: WaitEnd["pick"] | undefined };
}

class Way<T> {
  #posts: readonly Post<T>[] = [];

  get size(): number {
    return this.#posts.length;
  }

  send(post: Post<T>): void {
    this.#posts = [...this.#posts, post];
  }

  /** The nth of those under way, which stays there. */
  copy(index: number): Post<T> | undefined {
    return pick(this.#posts, index);
  }

  removePost(index: number): Post<T> | undefined {
    const post = pick(this.#posts, index);
    this.#posts = this.#posts.filter((other) => other !== post);
    return post;
  }

  clear(): void {
    this.#posts = [];
  }
}

export class Network {
  readonly messages = new Way<ExchangeMessage>();
  readonly replies = new Way<Reply>();
}

/** The nth of a list, counting round and round. */
export function pick<T>(list: readonly T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % list.length];
}
