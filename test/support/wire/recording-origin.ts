/** An origin that keeps what it is sent, and answers each request with its target. */
import type { Socket } from "node:net";

import type { Message } from "../fuzz/message.ts";
import { startStrictOrigin, type StrictOrigin } from "../strict-origin.ts";

export interface RecordingOrigin extends StrictOrigin {
  /** The requests so far, in the order of their arrival. */
  readonly requests: readonly Message[];
}

export async function startRecordingOrigin(): Promise<RecordingOrigin> {
  const requests: Message[] = [];
  const origin = await startStrictOrigin((socket, message) => {
    requests.push(message);
    answer(socket, message);
  });
  return { ...origin, requests };
}

function answer(socket: Socket, { line }: Message): void {
  const [method = "", target = ""] = line.split(" ");
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${target.length}\r\n\r\n`;
  socket.write(method === "HEAD" ? head : head + target, "latin1");
}
