/**
 * The configuration that plain workerd reads, as Cap'n Proto text: which Workers there are, what they are bound
 * to, on which sockets they listen. Pure, so that a test can read it. Nothing secret is ever in it: values reach
 * workerd through its environment, and the text only names the variables.
 *
 * With one isolate, the Worker holds its own objects, as Miniflare has it. With more, every isolate is a Worker
 * service of its own and all of them bind the objects of one more service, which serves no socket: the cheapest
 * fleet there is.
 *
 * The schema is `workerd.capnp` in the npm package `workerd`.
 */

import type { ObjectBinding } from "../wrangler-toml.ts";

export interface WorkerdOptions {
  /** The addresses on which to listen, one for each isolate, such as `127.0.0.1:8787` (port 0: any free port). */
  readonly addresses: readonly string[];
  /** Where the cron service listens (cron.ts). */
  readonly cronAddress: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly durableObjects: readonly ObjectBinding[];
  /** Environment variables that become bindings of the same name; a variable that is not set binds `null`. */
  readonly environment: readonly string[];
  /** Servers that are reached through a binding, which dials this address whatever the URL says. */
  readonly servers: readonly { readonly binding: string; readonly address: string }[];
  /** Authorities that origins' certificates may come from besides the public ones, as PEM. */
  readonly trustedCertificates: readonly string[];
  /** The directory of the objects' SQLite files. */
  readonly storageDir: string;
  /** The directory of request bodies that are taken in. */
  readonly spoolDir: string;
}

/** The constant's name in the text: `workerd serve FILE config`. */
export const configConstant = "config";

/** The bundle and the cron Worker are embedded from `workerd --import-path` directories, by these names. */
const bundleFile = "index.js";
const cronWorkerFile = "cron-worker.js";

/**
 * What V8 is told of memory. Of what a call to the runtime leaves behind (each read, write, `fetch`) only a full collection frees the
 * native part, and by default V8 runs its first one late, so that the heap stays large. What these flags bring, and what they
 * cost, was measured (docs/architecture.md).
 */
export const v8Flags: readonly string[] = [
  // Megabytes in the old generation before the first full collection. From then on V8 goes by what it has found alive.
  "--initial-old-space-size=8",
  // Megabytes in half of the young generation, which frees next to nothing of that. Fewer cost time: 2 took 2 % more of an isolate.
  "--max-semi-space-size=8",
];

/** The name of an isolate's socket, as workerd reports it. `isolate` counts from 0. */
export const socketName = (isolate: number): string => `http-${isolate}`;
export const cronSocketName = "cron";

/** Writes the whole configuration. */
export function workerdConfig(options: WorkerdOptions): string {
  const isolates = options.addresses.map((_, isolate) => `weir-${isolate}`);
  const owner = isolates.length === 1 ? undefined : "weir-objects";
  const services = [
    ...isolates.map((name, isolate) => service(name, worker(options, owner, isolate))),
    ...(owner === undefined ? [] : [service(owner, worker(options, undefined))]),
    ...isolates.map((_, isolate) => tunnelService(isolate)),
    service("cron", cronWorker(isolates[0] ?? "")),
    // Origins are usually in a private network, which workerd's own "internet" service does not reach.
    `(name = "internet", network = (allow = ["public", "private"], tlsOptions = (${trust(options)})))`,
    ...options.servers.map(
      ({ binding, address }) =>
        `(name = ${text(serverName(binding))}, external = (address = ${text(address)}, http = ()))`,
    ),
    `(name = "storage", disk = (path = ${text(options.storageDir)}, writable = true))`,
    `(name = "spool", disk = (path = ${text(options.spoolDir)}, writable = true))`,
  ];
  const sockets = [
    ...options.addresses.map((address, isolate) =>
      socket(socketName(isolate), address, isolates[isolate] ?? ""),
    ),
    ...isolates.map((name, isolate) => tunnelSocket(name, isolate)),
    socket(cronSocketName, options.cronAddress, "cron"),
  ];
  return [
    `using Workerd = import "/workerd/workerd.capnp";`,
    ``,
    `const ${configConstant} :Workerd.Config = (`,
    `  services = ${list(services)},`,
    `  sockets = ${list(sockets)},`,
    `  v8Flags = [${v8Flags.map(text).join(", ")}],`,
    `);`,
    ``,
  ].join("\n");
}

/**
 * @param owner the service that holds the objects; absent: this Worker does.
 * @param isolate absent: it serves no requests.
 */
function worker(options: WorkerdOptions, owner: string | undefined, isolate?: number): string {
  const { durableObjects, environment, servers } = options;
  const bindings = [
    ...durableObjects.map(
      ({ binding, className }) =>
        `(name = ${text(binding)}, durableObjectNamespace = ${designator(className, owner)})`,
    ),
    ...environment.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
    ...(isolate === undefined
      ? []
      : [
          `(name = "WEIR_SOCKETS", service = ${text(tunnelName(isolate))})`,
          `(name = "WEIR_SPOOL", service = "spool")`,
        ]),
    ...servers.map(({ binding }) => `(name = ${text(binding)}, service = ${text(serverName(binding))})`),
  ];
  const namespaces = durableObjects.map(
    ({ className, firstName }) =>
      `(className = ${text(className)}, uniqueKey = ${text(`weir-${firstName}`)}, enableSql = true)`,
  );
  return [
    `modules = [(name = ${text(bundleFile)}, esModule = embed ${text(`/${bundleFile}`)})]`,
    `compatibilityDate = ${text(options.compatibilityDate)}`,
    `compatibilityFlags = [${options.compatibilityFlags.map(text).join(", ")}]`,
    `bindings = [${bindings.join(", ")}]`,
    ...(owner === undefined
      ? [
          `durableObjectNamespaces = [${namespaces.join(", ")}]`,
          `durableObjectStorage = (localDisk = "storage")`,
        ]
      : []),
  ].join(",\n      ");
}

function cronWorker(target: string): string {
  return [
    `modules = [(name = ${text(cronWorkerFile)}, esModule = embed ${text(`/${cronWorkerFile}`)})]`,
    `compatibilityDate = "2026-11-02"`,
    // Lets a service binding call `scheduled()`; needs `workerd --experimental`.
    `compatibilityFlags = ["service_binding_extra_handlers"]`,
    `bindings = [(name = "WEIR", service = ${text(target)}), (name = "TOKEN", fromEnvironment = "WEIR_CRON_TOKEN")]`,
  ].join(",\n      ");
}

/**
 * Each isolate's tunnel for WebSockets (`worker/transport/websocket/tunnel.ts`): what it asks this service for comes back to it as a
 * connection, by a socket in the state directory, where workerd runs.
 */
export const tunnelName = (isolate: number): string => `sockets-${isolate}`;

const tunnelAddress = (isolate: number): string => `unix:${tunnelName(isolate)}`;

const tunnelService = (isolate: number): string =>
  `(name = ${text(tunnelName(isolate))}, external = (address = ${text(tunnelAddress(isolate))}, http = ()))`;

const tunnelSocket = (worker: string, isolate: number): string =>
  `(name = ${text(tunnelName(isolate))}, address = ${text(tunnelAddress(isolate))}, tcp = (), ` +
  `service = (name = ${text(worker)}, entrypoint = "SocketTunnel"))`;

const service = (name: string, body: string): string =>
  `(name = ${text(name)}, worker = (\n      ${body},\n    ))`;

const trust = ({ trustedCertificates }: WorkerdOptions): string =>
  `trustBrowserCas = true, trustedCertificates = [${trustedCertificates.map(text).join(", ")}]`;

const serverName = (binding: string): string => `server-${binding}`;

const socket = (name: string, address: string, service: string): string =>
  `(name = ${text(name)}, address = ${text(address)}, http = (), service = ${text(service)})`;

const designator = (className: string, owner: string | undefined): string =>
  owner === undefined ? text(className) : `(className = ${text(className)}, serviceName = ${text(owner)})`;

const list = (items: readonly string[]): string => `[\n${items.map((item) => `    ${item},\n`).join("")}  ]`;

/** A Cap'n Proto string: UTF-8 as it is, but quotes, backslashes and ASCII control characters escaped as in C. */
export function text(value: string): string {
  const escaped = value.replace(/["\\\p{Cc}]/gu, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    return char < "\u0080" ? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}` : char;
  });
  return `"${escaped}"`;
}
