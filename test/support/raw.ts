/** Requests byte by byte, for what a well-behaved client never sends. */
import { connect } from "node:net";

/** Sends the bytes on a connection of its own; resolves with all that comes back before it closes or falls silent. */
export function sendRaw(url: string, bytes: string | Buffer, silentMs = 1_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = "";
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.setEncoding("latin1").setTimeout(silentMs, finish);
    socket.on("data", (text: string) => {
      received += text;
    });
    socket.on("end", finish);
    socket.on("error", reject);
  });
}

/** The status of a raw answer; 0: there was none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
