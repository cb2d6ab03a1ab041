/** `bandwidth` of a route: how many bytes of one answer are sent in a second (nginx's `limit_rate` and `limit_rate_after`). */
import type { SendRate } from "../../../core/connections/send-pace.ts";
import { byteRate } from "../kinds/byte-rate.ts";
import { size } from "../kinds/fields.ts";
import { option, required, section, type ValuesOf } from "../section.ts";

export const bandwidth = section("WeirBandwidth", {
  /** How many bytes in a second, of each answer by itself: a client that asks for two at a time gets twice as much. */
  rate: required(byteRate),
  /** So many bytes of each answer come first, as fast as the client takes them. */
  after: option(size("0B", "5GB"), "0B"),
});

export function compileBandwidth({ rate, after }: ValuesOf<typeof bandwidth>): SendRate {
  return { bytesPerSecond: rate, afterBytes: after };
}
