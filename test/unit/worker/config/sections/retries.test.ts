/** `retries` on another origin. */
import { retries as section } from "../../../../../worker/config/sections/retries.ts";
import { accepts, inUpstream, refuses, refusesValues, whole, words } from "../tables.ts";

const retries = inUpstream(section);

accepts(retries, [
  [{}, { attempts: 2, on: ["connect", "timeout", "502", "503", "504"], budget: 0.2 }],
  [
    { attempts: 3, on: ["502", "connect", "502"], budget: 0 },
    { attempts: 3, on: ["502", "connect"], budget: 0 },
  ],
]);

refusesValues(retries, [
  ["", false, /^an object \(keys: \w.*\)$/],
  [".attempts", 4, whole(0, 3)],
  [".budget", 1.1, "a number from 0 to 1"],
]);
refuses(retries, [[{ on: ["500"] }, ".on[0]", words("connect", "timeout", "502", "503", "504")]]);
