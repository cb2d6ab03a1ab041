/** Node's server as it comes, idle connections and all, that takes notes, as notes.py does. */
import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (request.method === "POST") appendFileSync(process.env["NOTES"] ?? "", `${body}\n`);
  response.end(body);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.argv[2]), "127.0.0.1");
