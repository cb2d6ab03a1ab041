/**
 * The origin's process: sockets that are answered with bytes made beforehand. It has to be several times faster
 * than any proxy, or the benchmark would measure the origin; an HTTP server is not. It understands what the
 * benchmark sends, GET without a body over a connection that is kept alive, and nothing else.
 */
import { createServer, type Socket } from "node:net";
import { bodies, originAnswer } from "./traffic.ts";

const answers = bodies.map((body) => ({ start: Buffer.from(`GET /${body} `), answer: originAnswer(body) }));
const notFound = Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
const endOfHead = Buffer.from("\r\n\r\n");

function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    for (let end = rest.indexOf(endOfHead); end !== -1; end = rest.indexOf(endOfHead)) {
      socket.write(answerTo(rest));
      rest = rest.subarray(end + endOfHead.length);
    }
  });
}

const answerTo = (request: Buffer): Buffer =>
  answers.find(({ start }) => request.subarray(0, start.length).equals(start))?.answer ?? notFound;

const server = createServer(serve);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The origin has no port.");
  process.send?.(address.port);
});
// The benchmark has ended, however it did.
process.once("disconnect", () => process.exit());
