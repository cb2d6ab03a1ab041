/** `forwarding`: whose word about the client counts. */
import { forwarding as section } from "../../../../../worker/config/sections/forwarding.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";
import { accepts, inRoot, networkMeant, refusesValues, refuses, words } from "../tables.ts";

const forwarding = inRoot(section);

accepts(forwarding, [
  [{}, { trusted: [], read: "x-forwarded", forwarded: false }],
  [
    { trusted: ["10.0.0.0/8"], read: "forwarded", forwarded: true, via: "weir.example.com:8080" },
    {
      trusted: [parseNetwork("10.0.0.0/8")],
      read: "forwarded",
      forwarded: true,
      via: "weir.example.com:8080",
    },
  ],
]);

const pseudonym = 'a name for Via: a token such as "weir", or a host with or without a port';
refusesValues(forwarding, [
  ["", true, /^an object \(keys: \w.*\)$/],
  [".read", "both", words("x-forwarded", "forwarded")],
  [".via", "a\r\nX: 1", pseudonym],
]);
refuses(forwarding, [[{ trusted: ["10.0.0.1/8"] }, ".trusted[0]", networkMeant("10.0.0.0/8")]]);
