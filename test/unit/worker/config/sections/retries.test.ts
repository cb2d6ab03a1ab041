/** `retries` on another origin. */
import { retries as section } from "../../../../../worker/config/sections/retries.ts";
import { accepts, inUpstream, refuses, refusesValues, whole } from "../tables.ts";

const retries = inUpstream(section);

accepts(retries, [
  [{}, { attempts: 2, on: ["connect", "timeout", "502", "503", "504"], budget: 0.2, nonIdempotent: false }],
  [
    { attempts: 3, on: ["502", "connect", "502"], budget: 0, nonIdempotent: true },
    { attempts: 3, on: ["502", "connect"], budget: 0, nonIdempotent: true },
  ],
  [{ on: ["400", "599"] }, { attempts: 2, on: ["400", "599"], budget: 0.2, nonIdempotent: false }],
]);

refusesValues(retries, [
  ["", false, /^an object \(keys: \w.*\)$/],
  [".attempts", 4, whole(0, 3)],
  [".budget", 1.1, "a number from 0 to 1"],
  [".nonIdempotent", "POST", "true or false"],
]);
const expected = '"connect", "timeout", or a status from 400 to 599, such as "503"';
refuses(
  retries,
  ["399", "600", "50x", "refused", ""].map((cause) => [{ on: [cause] }, ".on[0]", expected]),
);
