/** The shape of the queue and of priorities; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import { priorities } from "../../../core/model/upstream.ts";
import { checkedText, duration, integer, oneOf, option, section, switchable } from "../kinds/fields.ts";
import { isToken } from "../kinds/http-syntax.ts";

export const queue = switchable({
  length: option(
    integer(1, 10_000),
    "Most requests that wait at once. Default: as many as can be served in time, at most 1000.",
  ),
  timeout: option(
    duration("10ms", "60s"),
    'The longest that a request waits. Default "5s", or half of timeouts.total if that is shorter.',
  ),
  priority: option(oneOf(priorities), 'The priority of requests whose route has none. Default "normal".'),
});

const priorityExpected = 'one of "high", "normal", "low", or { "header": "NAME" }';

/** That of a route's requests: one for all of them, or what a header says. */
export const priority = z.union(
  [
    z.enum(priorities),
    section("an object with the key header", {
      header: checkedText("a header's name", isToken).describe("The request's header that says high or low."),
    }),
  ],
  { error: priorityExpected },
);
