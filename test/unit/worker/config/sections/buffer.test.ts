/** `buffer`: how large a body may be that is taken in. */
import { buffer as section } from "../../../../../worker/config/sections/buffer.ts";
import { accepts, inUpstream, refusesValues, size } from "../tables.ts";

const buffer = inUpstream(section);

accepts(buffer, [
  [{}, { requestBytes: 67_108_864, responseBytes: 524_288 }],
  [
    { request: "0B", response: "0B" },
    { requestBytes: 0, responseBytes: 0 },
  ],
  [
    { request: "1GiB", response: "16MiB" },
    { requestBytes: 1_073_741_824, responseBytes: 16_777_216 },
  ],
]);

refusesValues(buffer, [
  [".request", "2GiB", size("0B", "1GiB")],
  [".response", "17MiB", size("0B", "16MiB")],
]);
