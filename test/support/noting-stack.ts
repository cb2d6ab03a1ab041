/** Weir in front of servers that take notes (`test/servers/noting/`), and POSTs to each of them at pauses of every length. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notingServers, type NotingServer, type NotingServerName } from "../servers/noting/start.ts";
import { gapsAround, postAtGaps, type Posts, type PostsSent } from "./idle-posts.ts";
import type { ServerProcess } from "./server-process.ts";
import { startStack } from "./stack.ts";

const all: Readonly<Record<NotingServerName, NotingServer>> = notingServers;
const names = Object.keys(notingServers).filter((name): name is NotingServerName => name in notingServers);
export const installedServers = names.filter((name) => all[name].isInstalled);
export const missingServers = names.filter((name) => !all[name].isInstalled);

export interface NotingStack {
  readonly send: (name: NotingServerName, posts: PostsWanted) => Promise<PostsSent>;
  readonly stop: () => Promise<void>;
}

export interface PostsWanted extends Pick<Posts, "width" | "each" | "random"> {
  /** Pauses before and after the server's own idle time, in ms. */
  readonly offsetsMs: readonly number[];
}

export async function startNotingStack(): Promise<NotingStack> {
  const folder = await mkdtemp(join(tmpdir(), "weir-noting-"));
  const notesOf = (name: NotingServerName): string => join(folder, `${name}.txt`);
  const servers = new Map<NotingServerName, ServerProcess>();
  for (const name of installedServers) servers.set(name, await all[name].start(notesOf(name)));
  const hostOf = (name: NotingServerName): string => `${name.replaceAll(/[ .]/g, "-")}.test`;
  const stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        [...servers].map(([name, { url }]) => [
          hostOf(name),
          { pools: [{ name: "home", origins: [{ name: "server", url }] }], health: false },
        ]),
      ),
      routes: [...servers.keys()].map((name) => ({ host: hostOf(name), upstream: hostOf(name) })),
    }),
  });
  return {
    send: (name, { offsetsMs, ...posts }) =>
      postAtGaps({
        url: stack.url,
        host: hostOf(name),
        notes: notesOf(name),
        ...posts,
        gapsMs: gapsAround(all[name].idleMs ?? [], offsetsMs),
      }),
    stop: async () => {
      await stack.stop();
      await Promise.all([...servers.values()].map((server) => server.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
