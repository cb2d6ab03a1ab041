import { describe, expect, test } from "vitest";

import { withAgreedExtensions } from "../../../../../worker/proxy/request/websocket-handshake.ts";

const deflate = "permessage-deflate; client_max_window_bits=15";
const field = "Sec-WebSocket-Extensions";
const answerOf = (agreed: string | undefined): Response =>
  new Response(null, agreed === undefined ? {} : { headers: { [field]: agreed } });

describe("the extensions that are agreed with the client", () => {
  test("are those that the origin has agreed to", () => {
    const answer = withAgreedExtensions(answerOf(undefined), answerOf(deflate), "workerd");
    expect(answer.headers.get(field)).toBe(deflate);
  });

  test("are none that the runtime knows, where the origin has agreed to none: without a word it would take the offer", () => {
    const answer = withAgreedExtensions(answerOf(undefined), answerOf(undefined), "workerd");
    expect(answer.headers.get(field)).toBe("none");
  });

  test.each([deflate, undefined])("are Cloudflare's to agree on at the edge, after %s", (agreed) => {
    const answer = withAgreedExtensions(answerOf(undefined), answerOf(agreed), "edge");
    expect(answer.headers.has(field)).toBe(false);
  });
});
