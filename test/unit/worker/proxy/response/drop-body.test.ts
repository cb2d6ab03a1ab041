/** An answer whose body nobody wants. */
import { expect, test } from "vitest";

import { dropBody } from "../../../../../worker/proxy/response/drop-body.ts";

/** A body of chunks of 16 KiB, and how many of them were asked for; it fails after `good` of them. */
function longBody(
  chunks: number,
  good = chunks,
): { response: Response; asked: () => number; ended: () => string } {
  let asked = 0;
  let ended = "open";
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (asked === good && good < chunks) return controller.error(new Error("cut"));
        if (asked === chunks) {
          ended = "read";
          return controller.close();
        }
        asked++;
        return controller.enqueue(new Uint8Array(16_384));
      },
      cancel: () => void (ended = "cancelled"),
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body), asked: () => asked, ended: () => ended };
}

test("a short one is read to its end, so that the connection serves again", async () => {
  const { response, ended } = longBody(4);
  await dropBody(response);
  expect(ended()).toBe("read");
});

test("a long one is broken off after 64 KiB", async () => {
  const { response, asked, ended } = longBody(1_000);
  await dropBody(response);
  expect([asked(), ended()]).toEqual([5, "cancelled"]);
});

test("one that the origin cuts is over, and none at all is nothing to do", async () => {
  await dropBody(longBody(4, 2).response);
  await dropBody(new Response(null));
});
