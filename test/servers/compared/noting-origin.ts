/** The origin behind all servers of the comparison: it answers as the path says, and remembers what it got. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An origin that says what the path asks for, and remembers what it got by the client's number for it. */
export interface NotingOrigin {
  /** Address and port. */
  readonly authority: string;
  /** What it got of the request with this number, and forgets it. */
  take(number: string): Noted | undefined;
  close(): void;
}

interface Noted {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}

export const numberHeader = "x-number";

export async function startNotingOrigin(): Promise<NotingOrigin> {
  const noted = new Map<string, Noted>();
  const note = (number: string, line: string, headers: IncomingHttpHeaders): void => {
    const before = noted.get(number);
    if (before === undefined) noted.set(number, { line, headers });
    // A proxy may ask for the page of an error, but for nothing else once more.
    else if (!/ \/errors\//.test(line)) noted.set(number, { line: `${before.line}, ${line}`, headers });
  };
  const server: Server = createServer(
    { insecureHTTPParser: true },
    ({ method, url = "", headers }, response) => {
      note(String(headers[numberHeader]), `${method} ${url}`, headers);
      const path = url.replaceAll(/%([2-7][\da-f])/gi, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      );
      const [, status = "200"] = /^\/status\/(\d+)/.exec(path) ?? [];
      const page = /^\/errors\/(.*)/.exec(path)?.[1];
      response.writeHead(Number(status), {
        "Content-Type": "text/html",
        "Set-Cookie": ["session=1; Path=/", "lang=de; HttpOnly"],
        "X-Powered-By": "PHP/8",
        "X-Debug": "some",
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        ...(status.startsWith("3") && { Location: "/elsewhere" }),
      });
      response.end(page === undefined ? "an answer" : `page ${page}`);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    authority: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: (number) => {
      const found = noted.get(number);
      noted.delete(number);
      return found;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
