/** What opens the tunnel of WebSockets. */
import { expect, test } from "vitest";

import { issueTicket, takeTicket } from "../../../../../worker/transport/websocket/tickets.ts";

test("a ticket is good once, under a name that cannot be guessed", () => {
  const [first, second] = [issueTicket("http://a/", 60_000), issueTicket("http://b/", 60_000)];
  expect(first.name).toMatch(/^[\da-f-]{36}$/);
  expect(second.name).not.toBe(first.name);
  expect(takeTicket(first.name)).toBe(first.ticket);
  expect(takeTicket(first.name)).toBeUndefined();
  expect(takeTicket("")).toBeUndefined();
  expect(takeTicket(second.name)?.url).toBe("http://b/");
});
