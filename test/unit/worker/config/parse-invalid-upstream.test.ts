/** What `parseConfig` refuses of an upstream: its origins, health, durations, cookies, retries. */
import { describe } from "vitest";
import { leastUpstream, withOrigin, withRoutes, withUpstream } from "./example-config.ts";
import { home, origin, refuses, shop } from "./refusals.ts";

describe("origins", () => {
  const url = "an http: or https: URL without credentials, query or fragment";
  const scheme = 'a scheme, too: "http://" or "https://" before the host';
  refuses("URLs that are not an origin's", (url: unknown) => withOrigin({ url }), origin, [
    [undefined, ".url", "nothing", url],
    ["a.example.com", ".url", '"a.example.com"', scheme],
    ["ftp://a.example.com", ".url", '"ftp://a.example.com"', url],
    ["http:///a.example.com", ".url", '"http:///a.example.com"', url],
    ["https://a.example.com/#x", ".url", '"https://a.example.com/#x"', url],
    ["https://a.example.com/\r\nx", ".url", '"https://a.example.com/\\r\\nx"', url],
  ]);
  refuses(
    "URLs with secrets in them, and does not show these",
    (url: unknown) => withOrigin({ url }),
    origin,
    [
      ["https://me:hunter2@a.example.com", ".url", '"https://***@a.example.com"', url],
      ["https://me:hun/ter@2@a.example.com", ".url", '"https://***@a.example.com"', url],
      ["https://a.example.com/?key=hunter2", ".url", '"https://a.example.com/?***"', url],
    ],
  );

  const weight = "a whole number from 0 to 1000";
  refuses("numbers that are none or out of bounds", withOrigin, origin, [
    [{ weight: -1 }, ".weight", "-1", weight],
    [{ weight: 1001 }, ".weight", "1001", weight],
    [{ weight: 0.5 }, ".weight", "0.5", weight],
    [{ weight: "1" }, ".weight", '"1"', weight],
    [{ weight: null }, ".weight", "null", weight],
    [{ maxConns: 0 }, ".maxConns", "0", "a whole number from 1 to 1000000"],
    [{ backup: "no" }, ".backup", '"no"', "true or false"],
  ]);
  refuses("a pool that nothing could be picked from", withOrigin, home, [
    [{ weight: 0 }, ".origins", "weight 0 for each origin", "at least one origin of a weight above 0"],
  ]);

  const binding = "the name of a binding: 1 to 64 letters, digits or _, the first a letter";
  refuses("ways that are none", (via: unknown) => withOrigin({ via }), origin, [
    ["vpc", ".via", '"vpc"', '"fetch", or { "binding": "NAME" }'],
    [{}, ".via.binding", "nothing", binding],
    [{ binding: "__proto__" }, ".via.binding", '"__proto__"', binding],
    [
      { binding: "VPC", kind: "vpc" },
      ".via.kind",
      '"vpc"',
      'one of "vpc-network", "vpc-service", "worker", "mtls"',
    ],
  ]);

  const fixed =
    '"origin", or a way that dials a fixed address: via: { binding: "NAME", kind: "vpc-service" } (or "worker"). All others dial the host ' +
    "that they put into Host, and ignore a Host header; X-Forwarded-Host says what the client asked for";
  const hostExpected = '"origin", "preserve", or a host such as "shop.example.com"';
  refuses("hosts that the platform cannot ask for", withOrigin, origin, [
    [{ host: "preserve" }, ".host", '"preserve"', fixed],
    [{ host: "shop.example.com", via: { binding: "VPC" } }, ".host", '"shop.example.com"', fixed],
    [{ host: "preserve", via: { binding: "VPC", kind: "vpc-network" } }, ".host", '"preserve"', fixed],
    [{ host: "preserve", via: { binding: "CERT", kind: "mtls" } }, ".host", '"preserve"', fixed],
    [{ host: "a/b", via: { binding: "VPC", kind: "worker" } }, ".host", '"a/b"', hostExpected],
    [{ host: "a:99999", via: { binding: "VPC", kind: "worker" } }, ".host", '"a:99999"', hostExpected],
  ]);

  const access = { id: "a.access", secret: "b" };
  refuses("a token that would travel in the clear, or that is none", withOrigin, origin, [
    [
      { url: "http://a.example.com", access },
      ".url",
      '"http://a.example.com"',
      "an https: URL: the access token must not travel in the clear",
    ],
    [
      { access: { id: "a" } },
      ".access.secret",
      "nothing",
      "text of 1 to 256 visible characters, as ${ENV:NAME}",
    ],
  ]);

  const dnsName =
    "a public DNS name: at the edge a public fetch to an IP address, localhost or a private name fails (error 1003, 530). Give the origin a public name, " +
    'or reach it through a Workers VPC or tunnel binding: via: { binding: "NAME" }';
  refuses("addresses that the edge would not fetch", withOrigin, origin, [
    [{ url: "http://10.0.0.5:8080" }, ".url", '"http://10.0.0.5:8080"', dnsName],
    [{ url: "http://0x7f.1" }, ".url", '"http://0x7f.1"', dnsName],
    [{ url: "http://[::1]:8080" }, ".url", '"http://[::1]:8080"', dnsName],
    [{ url: "http://localhost", via: "fetch" }, ".url", '"http://localhost"', dnsName],
    [{ url: "http://x.LOCALHOST." }, ".url", '"http://x.LOCALHOST."', dnsName],
    [
      { url: "https://10.0.0.5", via: { binding: "CERT", kind: "mtls" } },
      ".url",
      '"https://10.0.0.5"',
      dnsName,
    ],
    [{ url: "http://intranet" }, ".url", '"http://intranet"', dnsName],
    [{ url: "https://rack-1.local" }, ".url", '"https://rack-1.local"', dnsName],
    [{ url: "https://shop.corp.internal" }, ".url", '"https://shop.corp.internal"', dnsName],
  ]);
});

describe("policies", () => {
  const known =
    "Known here: adaptive, round_robin, least_conn, least_time, random_two, peak_ewma, hash, ip_hash, first";
  const example = '{ "name": "hash", "key": "header:X-Tenant" }';
  const key =
    '"path", "address", "header:NAME", "cookie:NAME" or "query:NAME", the names those of HTTP (RFC 9110)';
  refuses("what is no policy", (policy: unknown) => withUpstream({ policy }), shop, [
    ["least_con", ".policy", '"least_con"', `"least_conn"? ${known}`],
    ["random", ".policy", '"random"', `"random_two"? ${known}`],
    ["", ".policy", '""', `one that is ${known.replace("K", "k")}`],
    [7, ".policy", "7", `the name of a policy, or an object such as ${example}`],
    [{}, ".policy.name", "nothing", `the name of a policy, or an object such as ${example}`],
    [{ name: "leasttime" }, ".policy.name", '"leasttime"', `"least_time"? ${known}`],
    ["hash", ".policy", '"hash"', `an object with what to hash, such as ${example}`],
    [{ name: "hash" }, ".policy.key", "nothing", key],
    [{ name: "hash", key: "header:" }, ".policy.key", '"header:"', key],
    [{ name: "hash", key: "header:X Y" }, ".policy.key", '"header:X Y"', key],
    [{ name: "hash", key: "query:a&b" }, ".policy.key", '"query:a&b"', key],
    [{ name: "hash", key: "body" }, ".policy.key", '"body"', key],
    [{ name: "least_time", by: "headers" }, ".policy.by", '"headers"', 'one of "header", "last_byte"'],
    [{ name: "random_two", by: "adaptive" }, ".policy.by", '"adaptive"', 'one of "least_conn", "least_time"'],
    [{ name: "hash", key: "path", bounded: 1.25 }, ".policy.bounded", "1.25", "true or false"],
    [{ name: "first", by: "header" }, ".policy.by", 'unknown key "by"', "one that is known here: name"],
    [
      { name: "least_time", infligth: true },
      ".policy.infligth",
      'unknown key "infligth"',
      '"inflight"? Known here: name, by, inflight',
    ],
  ]);
});

describe("words", () => {
  refuses("words that are none of the known ones", withUpstream, shop, [
    [
      { location: "eu" },
      ".location",
      '"eu"',
      'one of "wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"',
    ],
    [{ health: { method: "POST" } }, ".health.method", '"POST"', 'one of "GET", "HEAD", "OPTIONS"'],
    [
      { retries: { on: ["500"] } },
      ".retries.on[0]",
      '"500"',
      'one of "connect", "timeout", "502", "503", "504"',
    ],
  ]);
});

describe("regions", () => {
  const hint =
    'one of "wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"';
  const nine = ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc"];
  refuses("what they cannot be", (regions: unknown) => withUpstream({ regions }), `${shop}.regions`, [
    ["weur", "", '"weur"', "a list of 0 to 8 regions"],
    [nine, "", JSON.stringify(nine), "a list of 0 to 8 regions"],
    [["weur", "eu"], "[1]", '"eu"', hint],
    [[7], "[0]", "7", hint],
    [["weur", "enam", "weur"], "[2]", '"weur"', "a region of its own; regions[0] is this one"],
  ]);
});

describe("a queue", () => {
  const section = "an object (keys: length, timeout, priority), true, or false";
  const length = "a whole number from 1 to 10000";
  const timeout = 'a duration such as "10s" (units: ms, s, m, h), from 10ms to 60s';
  refuses("what it cannot be", (queue: unknown) => withUpstream({ queue }), `${shop}.queue`, [
    [100, "", "100", section],
    [{ length: 0 }, ".length", "0", length],
    [{ length: 10_001 }, ".length", "10001", length],
    [{ timeout: "9ms" }, ".timeout", '"9ms"', timeout],
    [{ timeout: "61s" }, ".timeout", '"61s"', timeout],
    [{ priority: "urgent" }, ".priority", '"urgent"', 'one of "high", "normal", "low"'],
  ]);

  const beside =
    "no queue, or no regions: each region would have a queue of its own, and none of them an order";
  refuses("one beside regions", (queue: unknown) => withUpstream({ queue, regions: ["weur"] }), shop, [
    [true, ".queue", "a queue beside regions", beside],
    [{ length: 5 }, ".queue", "a queue beside regions", beside],
  ]);

  const price = 'a duration such as "10s" (units: ms, s, m, h), from 0ms to 60s';
  const priced = (price: unknown) =>
    withUpstream({
      pools: [{ name: "home", price, origins: [{ name: "a", url: "https://a.example.com" }] }],
    });
  refuses("prices that are none", priced, `${home}.price`, [
    [20, "", "20", price],
    ["-5ms", "", '"-5ms"', price],
    ["2m", "", '"2m"', price],
  ]);

  const priority = 'one of "high", "normal", "low", or { "header": "NAME" }';
  const prioritised = (priority: unknown) => withRoutes({ upstream: "shop", priority });
  refuses("priorities that are none", prioritised, "routes[0].priority", [
    ["urgent", "", '"urgent"', priority],
    [1, "", "1", priority],
    [{ header: "a b" }, ".header", '"a b"', "a header's name"],
  ]);
});

describe("health", () => {
  const withHealth = (health: unknown) => withUpstream({ health });
  const section =
    "an object (keys: method, path, headers, expect, interval, timeout, jitter, rise, fall), true, or false";
  const path = 'a path from "/" (not "//"), percent-encoded, without dot segments or "#"';
  const status = 'a status or a range of them within 100-599, such as 204, "204" or "200-399"';

  refuses("what a probe cannot be", withHealth, `${shop}.health`, [
    ["on", "", '"on"', section],
    [{ path: "healthz" }, ".path", '"healthz"', path],
    [{ path: "//evil.example" }, ".path", '"//evil.example"', path],
    [{ path: "/a\r\nb" }, ".path", '"/a\\r\\nb"', path],
    [{ expect: [] }, ".expect", "[]", "a list of 1 to 32 statuses"],
    [{ expect: ["2xx"] }, ".expect[0]", '"2xx"', status],
    [{ expect: ["200", "399-200"] }, ".expect[1]", '"399-200"', status],
    [{ expect: [600] }, ".expect[0]", "600", status],
    [{ expect: [true] }, ".expect[0]", "true", status],
    [{ jitter: 0.6 }, ".jitter", "0.6", "a number from 0 to 0.5"],
    [{ rise: 0 }, ".rise", "0", "a whole number from 1 to 100"],
    [{ fall: 101 }, ".fall", "101", "a whole number from 1 to 100"],
  ]);

  const name = "a header's name, and not Host or one of the connection's own (Connection, Upgrade …)";
  const value = "a header's value: no CR, LF or other control characters, no space at its ends";
  const withHeaders = (headers: unknown) => withHealth({ headers });
  refuses("headers that are none", withHeaders, `${shop}.health.headers`, [
    [{ "a b": "x" }, '["a b"]', 'key "a b"', name],
    [{ HOST: "x" }, ".HOST", 'key "HOST"', name],
    [{ "transfer-encoding": "x" }, ".transfer-encoding", 'key "transfer-encoding"', name],
    [{ "X-A\r\nX-B": "x" }, '["X-A\\r\\nX-B"]', 'key "X-A\\r\\nX-B"', name],
    [{ "x-a": 1 }, ".x-a", '"***"', value],
    [{ "x-a": "1", "X-A": "2" }, ".X-A", "the same header again", "each header once"],
  ]);
  refuses(
    "values that would be more than one, and does not show them",
    withHeaders,
    `${shop}.health.headers`,
    [
      [{ "x-a": "1\r\nx-b: 2" }, ".x-a", '"***"', value],
      [{ authorization: "Bearer hunter2\0" }, ".authorization", '"***"', value],
      ["authorization: hunter2", "", '"***"', "an object of 0 to 32 headers"],
    ],
  );
  refuses("a section of another kind, and does not show headers in it", withHealth, `${shop}.health`, [
    [[{ headers: { authorization: "hunter2" } }], "", '[{"headers":{"authorization":"***"}}]', section],
  ]);
});

const duration = (bounds: string): string => `a duration such as "10s" (units: ms, s, m, h), ${bounds}`;

describe("durations", () => {
  refuses("numbers, other units, and values out of bounds", withUpstream, shop, [
    [{ timeouts: { total: 30 } }, ".timeouts.total", "30", duration("from 10ms to 24h")],
    [{ timeouts: { total: "30" } }, ".timeouts.total", '"30"', duration("from 10ms to 24h")],
    [{ timeouts: { total: "1d" } }, ".timeouts.total", '"1d"', duration("from 10ms to 24h")],
    [{ timeouts: { headers: "9ms" } }, ".timeouts.headers", '"9ms"', duration("from 10ms to 1h")],
    [{ timeouts: { maxHold: "0s" } }, ".timeouts.maxHold", '"0s"', duration("from 1s to 24h")],
    [{ health: { interval: "999ms" } }, ".health.interval", '"999ms"', duration("from 1s to 300s")],
    [{ health: { interval: "301s" } }, ".health.interval", '"301s"', duration("from 1s to 300s")],
    [{ passive: { eject: "25h" } }, ".passive.eject", '"25h"', duration("from 100ms to 24h")],
    [{ sticky: { ttl: "8761h" } }, ".sticky.ttl", '"8761h"', duration("from 1s to 8760h")],
  ]);
  refuses("pairs that contradict each other", withUpstream, shop, [
    [
      { health: { interval: "1s", timeout: "1001ms" } },
      ".health.timeout",
      '"1001ms"',
      "at most health.interval",
    ],
    [{ passive: { eject: "2m", maxEject: "60s" } }, ".passive.eject", '"2m"', "at most passive.maxEject"],
    [{ sticky: { idle: "2h", ttl: "1h" } }, ".sticky.idle", '"2h"', "at most sticky.ttl"],
    [{ timeouts: { headers: "10s", total: "9s" } }, ".timeouts.headers", '"10s"', "at most timeouts.total"],
  ]);
});

describe("passive health, sticky sessions, retries", () => {
  refuses("one failure that ejects", withUpstream, shop, [
    [{ passive: { failures: 1 } }, ".passive.failures", "1", "a whole number from 2 to 1000"],
  ]);
  const cookiePath = 'a path from "/", without ";" or control characters';
  refuses("cookies that would not be one", (sticky: unknown) => withUpstream({ sticky }), `${shop}.sticky`, [
    [{ cookie: "a;b" }, ".cookie", '"a;b"', "a cookie's name: letters, digits and !#$%&'*+-.^_`|~"],
    [{ cookie: "" }, ".cookie", '""', "a cookie's name: letters, digits and !#$%&'*+-.^_`|~"],
    [{ path: "/; Domain=x" }, ".path", '"/; Domain=x"', cookiePath],
    [{ path: "shop" }, ".path", '"shop"', cookiePath],
    [{ domain: "10.0.0.1" }, ".domain", '"10.0.0.1"', 'a domain name such as ".example.com"'],
    [{ domain: "a.com; Secure" }, ".domain", '"a.com; Secure"', 'a domain name such as ".example.com"'],
  ]);
  refuses(
    "reports without a good secret",
    (loadReports: unknown) => withUpstream({ loadReports }),
    `${shop}.loadReports`,
    [
      [{}, ".secret", "nothing", "a secret of 32 to 256 characters, as ${ENV:NAME}"],
      [{ secret: "short" }, ".secret", '"***"', "a secret of 32 to 256 characters, as ${ENV:NAME}"],
      [true, "", "true", "an object with secret"],
      [{ secret: "s".repeat(32), maxAge: "500ms" }, ".maxAge", '"500ms"', duration("from 1s to 300s")],
    ],
  );
  refuses("what is said twice in two spellings", withUpstream, shop, [
    [
      { rewrite: { cookieDomains: { "a.internal": "", ".A.Internal": "example.com" } } },
      '.rewrite.cookieDomains[".A.Internal"]',
      "the same domain again",
      "each domain once",
    ],
    [
      { errors: { pages: { "404": "<p>", "404-404": "<h1>" } } },
      ".errors.pages.404-404",
      "the same statuses again",
      "one page for them",
    ],
  ]);
  refuses("retries out of bounds", (retries: unknown) => withUpstream({ retries }), `${shop}.retries`, [
    [{ attempts: 4 }, ".attempts", "4", "a whole number from 0 to 3"],
    [{ budget: 1.1 }, ".budget", "1.1", "a number from 0 to 1"],
    [false, "", "false", "an object (keys: attempts, on, budget)"],
  ]);
});

describe("costs and budgets", () => {
  const pools = ([home, cloud]: readonly [object, object], rest: object = {}) => {
    const [first] = leastUpstream().pools;
    const second = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };
    return withUpstream({
      pools: [
        { ...first, ...home },
        { ...second, ...cloud },
      ],
      ...rest,
    });
  };
  const onCloud = (parts: object) => pools([{}, parts]);
  const cloud = `${shop}.pools[1]`;
  const money = "an amount of money from 0 to 1000000000";
  refuses("amounts that are none", onCloud, cloud, [
    [{ cost: { perRequest: -0.1 } }, ".cost.perRequest", "-0.1", money],
    [{ cost: { perGb: "5" } }, ".cost.perGb", '"5"', money],
    [
      { cost: { perHour: 1 } },
      ".cost.perHour",
      'unknown key "perHour"',
      "one that is known here: perRequest, perGb",
    ],
    [
      { budget: { requestsPerHour: -1 } },
      ".budget.requestsPerHour",
      "-1",
      "a whole number from 0 to 1000000000",
    ],
    [
      { budget: { requestsPerHour: 1.5 } },
      ".budget.requestsPerHour",
      "1.5",
      "a whole number from 0 to 1000000000",
    ],
    [{ cost: { perGb: 1 }, budget: { moneyPerDay: -5 } }, ".budget.moneyPerDay", "-5", money],
    [
      { budget: { requestsPerHour: 1, whenUsedUp: "wait" } },
      ".budget.whenUsedUp",
      '"wait"',
      'one of "queue", "shed-low-priority", "fail"',
    ],
  ]);
  const priced = "a cost of the pool above 0 to count by (cost.perRequest, cost.perGb)";
  const free = "a pool that costs nothing";
  refuses("budgets that limit nothing", onCloud, cloud, [
    [{ budget: {} }, ".budget", "no limit", "requestsPerHour, moneyPerDay, or both of them"],
    [{ budget: { moneyPerDay: 5 } }, ".budget.moneyPerDay", free, priced],
    [{ budget: { moneyPerDay: 5 }, cost: { perGb: 0 } }, ".budget.moneyPerDay", free, priced],
  ]);
  const waiting = { requestsPerHour: 1, whenUsedUp: "queue" };
  refuses(
    "to wait where there is no queue",
    (queue: false) => pools([{}, { budget: waiting }], { queue }),
    cloud,
    [[false, ".budget.whenUsedUp", '"queue"', "a queue of the upstream, for requests to wait in"]],
  );
  refuses("a bill for what is at home", (home: object) => pools([home, {}]), home, [
    [
      { cost: { perGb: 1 } },
      ".cost",
      "a cost at home",
      "none on the first pool: only what is spilled has a cost",
    ],
    [
      { budget: { requestsPerHour: 1 } },
      ".budget",
      "a budget at home",
      "none on the first pool: only what is spilled has a budget",
    ],
  ]);
  refuses(
    "a budget that no single object could keep",
    (regions: readonly string[]) => pools([{}, { budget: { requestsPerHour: 1 } }], { regions }),
    cloud,
    [
      [
        ["weur"],
        ".budget",
        "a budget beside regions",
        "no budget where the upstream has regions: one object has to be asked for each request",
      ],
    ],
  );
});
