/**
 * `buffer`: what Weir takes in by itself, so that an origin is busy for as long as it works and not for as long as a slow client takes
 * ("spoon-feeding"). As nginx's `proxy_request_buffering` and `proxy_buffering`, which are on there, too.
 */
import { size } from "../kinds/fields.ts";
import { option, section, type ValuesOf } from "../section.ts";

export const buffer = section("WeirBuffer", {
  /** The largest request body that is taken in whole before a slot is asked for: in memory up to 1 MiB, beyond that on disk (only on a workerd of your own; at the edge a body of more than 1 MiB is streamed). The origin gets it with its length. A larger one is streamed after its first MiB (without a disk: 64 KiB). `"0B"`: so is each of more than 64 KiB, for applications that answer while they read. */
  request: option(size("0B", "1GiB"), "64MiB"),
  /** The largest answer, of those that say their length, that is taken off an origin at once and then read by the client from memory (32 MiB in an isolate), while at least a quarter of the origin's slots are in use at the isolate; only where `maxConns` is 1,000 or less. Below that an answer goes through as it comes. A larger one is streamed, and keeps its slot until the client has read it; so are parts (`206`), `text/event-stream`, and what says `X-Accel-Buffering: no`. `"0B"`: so are all of more than 16 KiB. */
  response: option(size("0B", "16MiB"), "512KiB"),
});

export interface BufferConfig {
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export const compileBuffer = ({ request, response }: ValuesOf<typeof buffer>): BufferConfig => ({
  requestBytes: request,
  responseBytes: response,
});
