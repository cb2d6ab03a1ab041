/** What an editor shows, as TypeScript's language server says it over stdin and stdout (Language Server Protocol 3.17). */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const compiler = join(import.meta.dirname, "..", "..", "node_modules", ".bin", "tsc");

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: unknown;
}

export interface LanguageServer extends AsyncDisposable {
  /** Opens a file with this text, which need not be on disk. */
  readonly open: (file: string, text: string) => void;
  /** What is shown of the word that begins at this offset of an open file's text, as Markdown. */
  readonly hover: (file: string, text: string, offset: number) => Promise<string>;
}

/** A server for a folder. */
export async function languageServer(folder: string): Promise<LanguageServer> {
  const server = spawn(compiler, ["--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise((resolve) => server.once("close", resolve));
  const answers = new Map<number | string, (result: unknown) => void>();
  let count = 0;

  const send = (message: object): void => {
    const json = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  };
  const ask = (method: string, params: object): Promise<unknown> => {
    count += 1;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    answers.set(count, resolve);
    send({ id: count, method, params });
    return promise;
  };
  const take = ({ id, method, result }: Message): void => {
    if (id === undefined) return;
    // The server's own questions have no answer that would matter here.
    if (method !== undefined) send({ id, result: null });
    else answers.get(id)?.(result);
  };
  readMessages(server.stdout, take);

  await ask("initialize", {
    processId: process.pid,
    rootUri: uriOf(folder),
    capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } } },
  });
  send({ method: "initialized", params: {} });

  return {
    open: (file, text) => {
      const textDocument = { uri: uriOf(file), languageId: "typescript", version: 1, text };
      send({ method: "textDocument/didOpen", params: { textDocument } });
    },
    hover: async (file, text, offset) => {
      const before = text.slice(0, offset).split("\n");
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      return shownIn(await ask("textDocument/hover", { textDocument: { uri: uriOf(file) }, position }));
    },
    [Symbol.asyncDispose]: async () => {
      await ask("shutdown", {});
      send({ method: "exit" });
      server.stdin.end();
      await ended;
    },
  };
}

const uriOf = (path: string): string => pathToFileURL(path).href;

/** Calls `take` with each message, whatever pieces they come in. */
function readMessages(stream: NodeJS.ReadableStream, take: (message: Message) => void): void {
  let rest = Buffer.alloc(0);
  stream.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      const head = rest.indexOf("\r\n\r\n");
      const [, length] = /Content-Length: (\d+)/i.exec(rest.subarray(0, Math.max(0, head)).toString()) ?? [];
      const end = head + 4 + Number(length);
      if (head < 0 || rest.length < end) return;
      take(JSON.parse(rest.subarray(head + 4, end).toString()));
      rest = rest.subarray(end);
    }
  });
}

function shownIn(hover: unknown): string {
  const { contents } = (hover ?? {}) as { readonly contents?: { readonly value: string } };
  // The server breaks lines where the comment does.
  return contents?.value.replaceAll(/\s+/g, " ") ?? "";
}
