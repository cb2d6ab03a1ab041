/** The Node proxy's process: `node node-proxy.server.ts PORT ORIGIN`. */
import { randomUUID } from "node:crypto";
import replyFrom from "@fastify/reply-from";
import fastify from "fastify";
import { claims, hopByHop } from "./end-to-end.js";

const [port, origin] = process.argv.slice(2);
if (port === undefined || origin === undefined) throw new TypeError("Expected a port and the origin's URL.");

const removed = [...hopByHop, ...claims].map((name) => name.toLowerCase());

/** Fastify's own log says more than Weir's and costs more: a line with the same fields takes its place. */
const proxy = fastify({ logger: false, genReqId: () => randomUUID() });

await proxy.register(replyFrom, {
  base: origin,
  disableRequestLogging: true,
  undici: { connections: 10_000, pipelining: 1, headersTimeout: 15_000, bodyTimeout: 60_000 },
});

proxy.addHook("onResponse", async ({ id, method, host, url, raw }, { statusCode, elapsedTime }) => {
  console.log(
    JSON.stringify({
      event: "request",
      requestId: id,
      method,
      host,
      path: url,
      attempts: 1,
      upstream: "bench",
      pool: "on-prem",
      origin: "origin",
      mode: "none",
      status: statusCode,
      body: raw.complete ? "complete" : "client-gone",
      durationMs: Math.round(elapsedTime),
    }),
  );
});

proxy.all("/*", (_, reply) =>
  reply.from(undefined, {
    rewriteRequestHeaders: ({ id, ip, host, protocol }, headers) => {
      for (const name of removed) delete headers[name];
      headers["x-forwarded-for"] = ip;
      headers["x-forwarded-host"] = host;
      headers["x-forwarded-proto"] = protocol;
      headers["x-real-ip"] = ip;
      headers["x-request-id"] = id;
      return headers;
    },
    rewriteHeaders: (headers, request) => {
      delete headers["keep-alive"];
      return { ...headers, "x-request-id": request?.id };
    },
  }),
);

await proxy.listen({ host: "127.0.0.1", port: Number(port) });
