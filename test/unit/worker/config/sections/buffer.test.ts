/** `buffer`: how large a body may be that is taken in. */
import { buffer as section } from "../../../../../worker/config/sections/buffer.ts";
import { accepts, inUpstream, refusesValues, size } from "../tables.ts";

const buffer = inUpstream(section);

accepts(buffer, [
  [{}, { requestBytes: 67_108_864 }],
  [{ request: "0B" }, { requestBytes: 0 }],
  [{ request: "1GiB" }, { requestBytes: 1_073_741_824 }],
]);

refusesValues(buffer, [[".request", "2GiB", size("0B", "1GiB")]]);
