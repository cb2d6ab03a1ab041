/** A request as `fetch` takes it, on a connection of its own: what the origin gets, and what is never dialled. */
import { describe, expect, test, vi } from "vitest";

import { ConnectionFailed } from "../../../../../worker/transport/own-connection/connection-failed.ts";
import type { Left } from "../../../../../worker/transport/own-connection/exchange.ts";
import {
  sendOnOwnConnection,
  type OwnInit,
  type OwnTerms,
} from "../../../../../worker/transport/own-connection/own-connection.ts";
import { FarEnds, settle } from "../../far-end.ts";
import { sourceOf } from "../../proxy/workerd-streams.ts";
import { bytes } from "./pieces.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Sends it, and plays an origin that accepts and answers. */
function send(init: Partial<OwnInit>, terms: Partial<OwnTerms> = {}, url = "http://a.internal:8000/x?y#z") {
  const network = new FarEnds();
  const left: Left[] = [];
  const whenOver = (what: Left): void => void left.push(what);
  const request: OwnInit = { method: "GET", headers: new Headers(), body: null, ...init };
  const answer = sendOnOwnConnection(network.connect, url, request, { close: true, whenOver, ...terms });
  return { network, left, answer };
}

/** What the origin of such a request has heard when it has answered. */
async function heardOf(init: Partial<OwnInit>, terms: Partial<OwnTerms> = {}) {
  const { network, answer } = send(init, terms);
  network.last?.accepts();
  await settle();
  network.last?.says(ok);
  expect(await (await answer).text()).toBe("ok");
  return network.last ?? expect.unreachable();
}

/** Headers with a byte that is no UTF-8, as workerd hands them out. Node's would not take the character. */
class LossyHeaders extends Headers {
  override forEach<This>(
    told: (this: This, value: string, name: string, all: Headers) => void,
    self?: This,
  ): void {
    Reflect.apply(told, self, ["Jos\uFFFD", "x-a", this]);
  }
}

describe("the origin gets", () => {
  test("a request for what the URL names, and hears whether the connection ends behind the answer", async () => {
    expect((await heardOf({})).heard).toBe(
      "GET /x?y HTTP/1.1\r\nhost: a.internal:8000\r\nconnection: close\r\n\r\n",
    );
    expect((await heardOf({}, { close: false })).heard).not.toContain("connection");
  });

  test("a body that is there with its length, at one stroke with the head", async () => {
    const { heard, pieces } = await heardOf({ method: "POST", body: bytes("abc") });
    expect(heard.endsWith("\r\ncontent-length: 3\r\n\r\nabc")).toBe(true);
    expect(pieces).toBe(1);
  });

  test("a stream with the length that its headers say, or in chunks", async () => {
    const upload = (headers: Headers): Partial<OwnInit> => ({
      method: "POST",
      headers,
      body: sourceOf([bytes("abc")]).stream,
    });
    const withLength = await heardOf(upload(new Headers({ "Content-Length": "3" })));
    expect(withLength.heard.endsWith("\r\ncontent-length: 3\r\n\r\nabc")).toBe(true);
    const without = await heardOf(upload(new Headers()));
    expect(without.heard.endsWith("\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")).toBe(true);
  });

  test("a request over TLS when that is there, and nothing before", async () => {
    const { network, answer } = send({}, {}, "https://a.internal/");
    network.last?.accepts();
    await settle();
    const origin = network.last?.secured?.accepts().says(ok);
    expect(await (await answer).text()).toBe("ok");
    expect([network.last?.heard, origin?.heard]).toEqual([
      "",
      "GET / HTTP/1.1\r\nhost: a.internal\r\nconnection: close\r\n\r\n",
    ]);
  });
});

test("a redirect is the client's to follow", async () => {
  const { network, answer } = send({});
  network.last?.accepts().says("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
  const { status, headers } = await answer;
  expect([status, headers.get("Location"), network.dialled.length]).toEqual([302, "/there", 1]);
});

describe("nothing is dialled", () => {
  test("for what is no request, or would be two", async () => {
    const { network, answer, left } = send({ method: "GET /a HTTP/1.1\r\nhost: b\r\n\r\nGET" });
    const error: unknown = await answer.catch((thrown: unknown) => thrown);
    expect(error instanceof ConnectionFailed && error.failure).toMatchObject({
      kind: "unsendable",
      sent: "no",
    });
    expect([network.dialled, left]).toEqual([[], [{ kind: "nothing" }]]);
  });

  test("for a value whose bytes would be lost, if there is another way", async () => {
    const otherwise = vi.fn(async () => new Response("by fetch"));
    const { network, answer, left } = send({ headers: new LossyHeaders() }, { otherwise });
    expect(await (await answer).text()).toBe("by fetch");
    expect([network.dialled, left]).toEqual([[], [{ kind: "nothing" }]]);
  });
});

test("a value whose bytes are lost goes as it is where there is no other way", async () => {
  expect((await heardOf({ headers: new LossyHeaders() })).heard).toContain("x-a: Jos\xef\xbf\xbd\r\n");
});

test("of a TLS connection that never came about it is told that nothing is left", async () => {
  const { network, answer, left } = send({}, {}, "https://a.internal/");
  network.last?.refuses();
  await expect(answer).rejects.toThrow("refused: no connection");
  expect(left).toEqual([{ kind: "nothing" }]);
});
