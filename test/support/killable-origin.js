/** An origin that is a process of its own, so that it can be killed: it answers after some milliseconds, and a POST once it has its body. */
import { createServer } from "node:http";

const port = Number(process.argv[2]);

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    setTimeout(() => response.end(`${port}\n`), 5 + 60 * Math.random());
  });
});
server.listen(port, "127.0.0.1", () => process.send?.("listening"));
