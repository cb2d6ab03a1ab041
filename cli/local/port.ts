/**
 * The ports that a local run wants on 127.0.0.1: Weir's own, and those of the simulated origins. All are looked at
 * before anything is built or started, so that the answer comes at once and says everything.
 */
import { createServer } from "node:net";
import { ExpectedError } from "../expected-error.ts";

/** A port, and what wants it. */
export interface WantedPort {
  readonly port: number;
  /** "Weir", "the simulated origin on-prem-1". */
  readonly owner: string;
}

/**
 * Refuses a run that cannot have its ports.
 * @param weirPort Weir's own.
 * @param others those that are started with it.
 * @throws ExpectedError if something listens on one, or one may not be used: with each such port, what wants it, and
 *   what to do.
 */
export async function requireFreePorts(weirPort: number, others: readonly WantedPort[]): Promise<void> {
  const wanted = [{ port: weirPort, owner: "Weir" }, ...others];
  const errors = await Promise.all(wanted.map(({ port }) => listenError(port)));
  const refused = wanted.flatMap((one, index) => {
    const code = errors[index];
    return code === undefined ? [] : [{ ...one, code }];
  });
  const [first, ...more] = refused;
  if (first === undefined) return;
  throw new ExpectedError(
    more.length === 0 ? sentence(first) : `These ports cannot be used:\n\n${refused.map(line).join("\n")}`,
    advice(refused, weirPort),
  );
}

export async function isFreePort(port: number): Promise<boolean> {
  return (await listenError(port)) === undefined;
}

interface RefusedPort extends WantedPort {
  readonly code: string;
}

function sentence({ port, owner, code }: RefusedPort): string {
  return `Port ${port} ${reason(code)}. It is needed by ${owner}.`;
}

const line = ({ port, owner, code }: RefusedPort): string =>
  `  ${String(port).padStart(5)}  ${reason(code)}; needed by ${owner}`;

function reason(code: string): string {
  switch (code) {
    case "EADDRINUSE":
      return "is taken by another program";
    case "EACCES":
      return "may not be used by this user";
    default:
      return `cannot be used (${code})`;
  }
}

function advice(refused: readonly RefusedPort[], weirPort: number): string {
  const taken = refused.find(({ code }) => code === "EADDRINUSE");
  const ofWeir = refused.some(({ port }) => port === weirPort);
  const ofOthers = refused.some(({ port }) => port !== weirPort);
  return [
    ...(taken ? [`Stop what listens there (lsof -i :${taken.port} names it; another Weir, perhaps).`] : []),
    ...(ofWeir ? [`Or choose another port for Weir: --port ${neighbour(weirPort)}.`] : []),
    ...(ofOthers
      ? [
          "Or, if your own servers run on these ports: --no-sim. Or give the origins other ports in the config.",
        ]
      : []),
  ].join(" ");
}

function neighbour(port: number): number {
  if (port < 1024) return 8787;
  return port < 65_535 ? port + 1 : port - 1;
}

/** On a machine without IPv6 no other program listens there either. */
const noIpv6: ReadonlySet<string | undefined> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Why the port cannot be had; also when another program has it on `::1`, which `localhost` may mean as well. */
async function listenError(port: number): Promise<string | undefined> {
  const ipv6 = await listenErrorOn("::1", port);
  return (await listenErrorOn("127.0.0.1", port)) ?? (noIpv6.has(ipv6) ? undefined : ipv6);
}

async function listenErrorOn(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
    server.once("error", done);
    server.listen({ host, port, exclusive: true }, () => done(undefined));
  });
  if (error !== undefined) return error.code ?? error.message;
  await new Promise((done) => server.close(done));
  return undefined;
}
