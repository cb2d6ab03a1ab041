/** `health`: probes, of which `timeout` is within `interval`. */
import { health as section } from "../../../../../worker/config/sections/health.ts";
import { accepts, allows, duration, inUpstream, refuses, refusesValues } from "../tables.ts";
import { switchExpected, unknownKey, whole, words } from "../tables.ts";

const health = inUpstream(section);
const range = (from: number, to = from): object => ({ from, to });
const once = {
  method: "GET",
  path: "/",
  headers: {},
  jitter: 0.1,
  rise: 2,
  fall: 3,
  expect: [range(200, 399)],
};
const usual = { ...once, intervalMs: 10_000, timeoutMs: 5_000 };
const headers = { "X-Probe": "weir 1" };
const written = { method: "HEAD", path: "/healthz?full=1", headers, jitter: 0.5, rise: 1, fall: 100 };

accepts(health, [
  [undefined, usual],
  [true, usual],
  [{}, usual],
  [false, undefined],
  [
    { ...written, expect: ["200-299", "304", 401], interval: "2s", timeout: "250ms" },
    { ...written, expect: [range(200, 299), range(304), range(401)], intervalMs: 2_000, timeoutMs: 250 },
  ],
  // A default gives way to what is written.
  [{ interval: "1s" }, { ...usual, intervalMs: 1_000, timeoutMs: 1_000 }],
  [{ timeout: "20s" }, { ...usual, intervalMs: 20_000, timeoutMs: 20_000 }],
  [
    { interval: "1s", timeout: "1s" },
    { ...usual, intervalMs: 1_000, timeoutMs: 1_000 },
  ],
  // A question mark and no query.
  [{ path: "/healthz?" }, { ...usual, path: "/healthz?" }],
]);
allows(health, [{ headers: { "x-a": "1", "x-b": "1" } }]);

const path = 'a path from "/" (not "//"), percent-encoded, without dot segments or "#"';
const status = 'a status or a range of them within 100-599, such as 204, "204" or "200-399"';
refusesValues(health, [
  ["", "on", switchExpected],
  [".method", "POST", words("GET", "HEAD", "OPTIONS")],
  [".path", "healthz", path],
  [".expect", [], "a list of 1 to 32 statuses"],
  [".interval", "999ms", duration("1s", "300s")],
  [".interval", "301s", duration("1s", "300s")],
  [".jitter", 0.6, "a number from 0 to 0.5"],
  [".rise", 0, whole(1, 100)],
  [".fall", 101, whole(1, 100)],
  [".intervall", 1, unknownKey("interval"), 'unknown key "intervall"'],
]);
refuses(health, [
  [{ expect: ["2xx"] }, ".expect[0]", status],
  [{ expect: [true] }, ".expect[0]", status],
  [{ interval: "1s", timeout: "1001ms" }, ".timeout", "at most health.interval"],
]);

const name = "a header's name, and not Host or one of the connection's own (Connection, Upgrade …)";
const value = "a header's value: no CR, LF or other control characters, no space at its ends";
// No value is shown.
refuses(health, [
  [{ headers: { HOST: "x" } }, ".headers.HOST", name, 'key "HOST"'],
  [
    { headers: { "X-A\r\nX-B": "x" } },
    String.raw`.headers["X-A\r\nX-B"]`,
    name,
    String.raw`key "X-A\r\nX-B"`,
  ],
  [{ headers: { "x-a": 1 } }, ".headers.x-a", value, '"***"'],
  [{ headers: { authorization: "Bearer hunter2\0" } }, ".headers.authorization", value, '"***"'],
  [{ headers: "authorization: hunter2" }, ".headers", "an object of 0 to 32 headers", '"***"'],
  [[{ headers: { authorization: "hunter2" } }], "", switchExpected, '[{"headers":{"authorization":"***"}}]'],
  [{ headers: { "x-a": "1", "X-A": "2" } }, ".headers.X-A", "each header once", "the same header again"],
]);
