/**
 * A hand-written Worker as a rung: on plain workerd with the binary, date, flags and V8 flags that Weir has, so that rungs
 * differ in their code alone. If it has an object, that is stored as Weir's are.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { text, v8Flags } from "../../cli/workerd/capnp.ts";
import { startWorkerd } from "../../cli/workerd/workerd-process.ts";
import { readWranglerToml } from "../../cli/wrangler-toml.ts";
import type { Origin, RunningRung } from "./rung.ts";

export interface WorkerRung {
  /** The Worker's file, then those it imports from beside it, as URLs. */
  readonly modules: readonly [string, ...string[]];
  /** Bound as `OBJECT`. */
  readonly objectClass?: string;
}

const constant = "config";
const socket = "http";

/** Starts the Worker; it has the origin's URL as `ORIGIN`. */
export async function startWorkerRung(
  worker: WorkerRung,
  origin: Origin,
  workDir: string,
): Promise<RunningRung> {
  const storageDir = join(workDir, "objects");
  await mkdir(storageDir);
  const configFile = join(workDir, "workerd.capnp");
  await writeFile(configFile, configText(worker, origin.url, storageDir));
  const workerd = startWorkerd({
    configFile,
    constant,
    importDirs: [dirname(fileURLToPath(worker.modules[0]))],
    environment: {},
  });
  const ports = await workerd.listening([socket]);
  return { url: `http://127.0.0.1:${ports.get(socket)}`, pid: workerd.pid, stop: () => workerd.stop(0) };
}

function configText({ modules, objectClass }: WorkerRung, originUrl: string, storageDir: string): string {
  const { compatibilityDate, compatibilityFlags } = readWranglerToml();
  const embedded = modules
    .map((url) => basename(url))
    .map((file) => `(name = ${text(file)}, esModule = embed ${text(`/${file}`)})`);
  const binding = `(name = "OBJECT", durableObjectNamespace = ${text(objectClass ?? "")})`;
  const namespace = `(className = ${text(objectClass ?? "")}, uniqueKey = "bench", enableSql = true)`;
  return `using Workerd = import "/workerd/workerd.capnp";

const ${constant} :Workerd.Config = (
  services = [
    (name = "rung", worker = .rung),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "storage", disk = (path = ${text(storageDir)}, writable = true)),
  ],
  sockets = [(name = ${text(socket)}, address = "127.0.0.1:0", http = (), service = "rung")],
  v8Flags = [${v8Flags.map(text).join(", ")}],
);

const rung :Workerd.Worker = (
  modules = [${embedded.join(", ")}],
  compatibilityDate = ${text(compatibilityDate)},
  compatibilityFlags = [${compatibilityFlags.map(text).join(", ")}],
  bindings = [(name = "ORIGIN", text = ${text(originUrl)})${objectClass === undefined ? "" : `, ${binding}`}],
  durableObjectNamespaces = [${objectClass === undefined ? "" : namespace}],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
