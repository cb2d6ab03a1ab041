/** What `weir start` prints. Without a terminal there are no colours in it. */
import { describe, expect, it } from "vitest";
import type { StartFacts } from "../../../cli/start/facts.ts";
import { logLine } from "../../../cli/start/log-line.ts";
import { suggestions } from "../../../cli/start/suggestions.ts";
import { startSummary } from "../../../cli/start/summary.ts";
import { Coordinator } from "../../../core/coordinator/coordinator.ts";
import type { OperatorOrder } from "../../../core/model/operator.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import { logTime } from "../../../worker/telemetry/log-event.ts";
import { nothingSaved } from "../../support/saved.ts";

const origin = (name: string, port: number, maxConns?: number) => ({
  name,
  url: `http://127.0.0.1:${port}`,
  ...(maxConns !== undefined && { maxConns }),
});

interface Setting {
  readonly homeSlots?: number;
  readonly home?: readonly string[];
  readonly cloud?: boolean;
  readonly cloudPool?: object;
  readonly routes?: readonly object[];
  readonly admin?: object;
  /** Whether another upstream has origins of the same names. */
  readonly twice?: boolean;
  readonly orders?: Readonly<Record<string, OperatorOrder>>;
}

function facts({
  homeSlots = 8,
  home = ["a", "b"],
  cloud = true,
  cloudPool = {},
  routes = [{ upstream: "shop" }],
  admin = {},
  twice = false,
  orders = {},
}: Setting = {}): StartFacts {
  const limit = Number.isFinite(homeSlots) ? homeSlots : undefined;
  const pools = [
    { name: "on-prem", origins: home.map((name, index) => origin(name, 9101 + index, limit)) },
    ...(cloud ? [{ name: "cloud", origins: [origin("c", 9201)], ...cloudPool }] : []),
  ];
  const upstreams = { shop: { pools }, ...(twice && { other: { pools } }) };
  const raw = { target: "workerd", admin, upstreams, routes };
  const parsed = parseConfig(raw, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return {
    port: 8787,
    config: parsed.config,
    writtenTarget: "workerd",
    views: parsed.config.upstreams.map((upstream) => {
      const coordinator = new Coordinator(upstream, nothingSaved, 0);
      for (const [name, order] of Object.entries(orders)) coordinator.drains.operate(name, order, 0);
      return coordinator.view(0);
    }),
    tokenFile: ".weir/admin-token",
    clock: logTime,
    width: 100,
    simulated: {
      controlUrl: "http://127.0.0.1:9100",
      names: new Map([
        [9101, "a"],
        [9102, "b"],
        [9201, "c"],
      ]),
    },
    logFiles: [".weir/access.log"],
  };
}

const trouble = {
  is: "unhealthy",
  sinceMs: 0,
  evidence: "probe: 400",
  seenMs: 0,
  hint: "look there",
} as const;

const commands = (of: StartFacts): string[] => suggestions(of).map(({ command }) => command);

describe("the summary", () => {
  const text = startSummary(facts());

  it("says where Weir is, what is behind it, and with which token it is operated", () => {
    expect(text).toContain("http://localhost:8787");
    expect(text).toMatch(/on-prem {2}a {2}http:\/\/127\.0\.0\.1:9101 {3}8 slots/);
    expect(text).toMatch(/cloud {4}c {2}http:\/\/127\.0\.0\.1:9201 {2}no limit/);
    expect(text).toContain("Admin token  in .weir/admin-token\n");
    expect(text).toContain("http://127.0.0.1:9100/origins");
  });

  it("shows the token only where that may be, and never one from the environment", () => {
    const { tokenFile: _, ...fromEnvironment } = facts();
    expect(startSummary({ ...facts(), shownToken: "t0ken" })).toContain("t0ken  kept in .weir/admin-token");
    const other = startSummary({ ...fromEnvironment, shownToken: "t0ken" });
    expect(other).toContain("that of WEIR_ADMIN_TOKEN");
    expect(other).not.toContain("t0ken");
  });

  it("says which origins operators have taken out, in an earlier run perhaps", () => {
    const ordered = startSummary(facts({ orders: { a: "drain", c: "down" } }));
    expect(ordered).toMatch(/ a .*, drained$/m);
    expect(ordered).toMatch(/ c .*, taken down$/m);
    expect(text).not.toMatch(/drained|taken down/);
  });

  it("does not call itself ready while an origin is unhealthy, and says why", () => {
    const views = facts().views?.map((view) => ({
      ...view,
      pools: view.pools.map((pool, index) =>
        index > 0 ? pool : { ...pool, origins: pool.origins.map((one) => ({ ...one, trouble })) },
      ),
    }));
    const unwell = startSummary({ ...facts(), ...(views && { views }) });
    expect(unwell).toContain("Weir runs, but 2 of 3 origins are unhealthy  http://localhost:8787");
    expect(unwell).toMatch(
      /Unhealthy\n {4}shop\/a {2}unhealthy .*\n {4}shop\/b .*probe: 400\n {6}→ look there/,
    );
    expect(unwell).not.toContain("ready");
    expect(text).toContain("Weir is ready");
  });

  it("says where origins may register themselves, though none is there yet", () => {
    const register = { secret: "s".repeat(32), urls: ["http://127.0.0.1:9301-9304"], max: 4 };
    expect(startSummary(facts({ cloudPool: { origins: [], register } }))).toMatch(
      /^ {4}cloud +up to 4 origins register themselves$/m,
    );
  });

  it("says that an edge config runs as another one here, and only then", () => {
    expect(startSummary({ ...facts(), writtenTarget: "edge" })).toContain("CF-Connecting-IP is not believed");
    expect(text).not.toContain("CF-Connecting-IP");
  });

  it("says when the simulator's control is not where it usually is", () => {
    const simulated = { controlUrl: "http://127.0.0.1:40123", names: new Map<number, string>() };
    expect(startSummary({ ...facts(), simulated })).toContain(
      "http://127.0.0.1:40123/origins  (9100 is taken)",
    );
    expect(text).not.toContain("is taken");
  });

  it("has every suggested command on a line of its own, ready to be copied", () => {
    const lines = text.split("\n").map((line) => line.trim());
    for (const command of commands(facts())) expect(lines).toContain(command);
  });
});

describe("suggested commands", () => {
  it("overfill the home pool, whatever its size", () => {
    expect(commands(facts())[1]).toContain("--parallel-max 40 'localhost:8787/slow/1000?[1-40]'");
    expect(commands(facts({ homeSlots: 2 }))[1]).toContain(
      "--parallel-max 10 'localhost:8787/slow/1000?[1-10]'",
    );
  });

  it("spill only where there is somewhere to spill to, and a limit", () => {
    const spilling = (of: StartFacts): boolean =>
      commands(of).some((command) => command.includes("--parallel"));
    expect(spilling(facts())).toBe(true);
    expect(spilling(facts({ cloud: false }))).toBe(false);
    expect(spilling(facts({ homeSlots: Number.POSITIVE_INFINITY }))).toBe(false);
    expect(spilling(facts({ routes: [{ prefix: "/shop", upstream: "shop" }] }))).toBe(false);
  });

  it("drain with weir drain, and only if the API is open", () => {
    expect(commands(facts())).toContain("npx weir drain a");
    const { views: _, ...closed } = facts();
    expect(commands(closed).join()).not.toMatch(/weir drain|_weir/);
  });

  it("tell weir drain what it would not find by itself", () => {
    const elsewhere = { ...facts(), port: 9000, tokenFile: "my weir's/admin-token" };
    expect(commands(elsewhere)).toContain(
      String.raw`npx weir drain a --url http://127.0.0.1:9000 --token-file 'my weir'\''s/admin-token'`,
    );
    const other = facts({ admin: { hosts: ["weir.example.com"] }, twice: true });
    expect(commands(other)).toContain("npx weir drain a --upstream shop --host weir.example.com");
    const local = facts({ admin: { hosts: ["localhost"] } });
    expect(commands(local)).toContain("npx weir drain a --url http://localhost:8787");
    const { tokenFile: __, ...fromEnvironment } = facts();
    expect(commands(fromEnvironment)).toContain("npx weir drain a");
  });

  it("drain nothing where no other origin would serve on", () => {
    const drains = (of: StartFacts): boolean =>
      commands(of).some((command) => command.startsWith("npx weir drain"));
    expect(drains(facts({ home: ["a"], cloud: false }))).toBe(false);
    expect(commands(facts({ home: ["a"], cloud: false }))).toContain(
      'curl -s -H "Authorization: Bearer $(cat .weir/admin-token)" localhost:8787/_weir/api/v1/upstreams',
    );
    expect(drains(facts({ home: ["a"] }))).toBe(true);
    expect(drains(facts({ cloud: false, orders: { a: "down" } }))).toBe(false);
  });

  it("begin with those that undo an operator's orders", () => {
    const [first, second] = commands(facts({ orders: { a: "drain", c: "down" } }));
    expect([first, second]).toEqual(["npx weir up a", "npx weir up c"]);
  });

  it("count only the slots of origins that are in service", () => {
    expect(commands(facts({ orders: { a: "down" } })).join("\n")).toContain(
      "--parallel-max 20 'localhost:8787/slow/1000?[1-20]'",
    );
  });

  it("ask for the host and path of the route", () => {
    expect(
      commands(facts({ routes: [{ host: "*.example.com", prefix: "/shop", upstream: "shop" }] }))[0],
    ).toBe("curl -i -H 'Host: www.example.com' localhost:8787/shop");
    expect(commands(facts({ routes: [{ host: "a.example.com", upstream: "shop" }] }))[1]).toContain(
      "--parallel-max 40 -H 'Host: a.example.com' 'localhost:8787/slow/1000?[1-40]' ",
    );
  });

  it("tell the token to no host that is not the API's", () => {
    const admin = { hosts: ["weir.example.com"] };
    const look = commands(facts({ admin, home: ["a"], cloud: false })).find((one) => one.includes("Bearer"));
    expect(look).toContain("-H 'Host: weir.example.com' localhost");
    for (const command of commands(facts({ admin })).filter((one) => one.startsWith("npx weir")))
      expect(command).toContain("--host weir.example.com");
  });

  it("take the token from where it is, whatever the folder is called", () => {
    const apostrophe = facts({ home: ["a"], cloud: false });
    expect(commands({ ...apostrophe, tokenFile: "my weir's/admin-token" })[1]).toContain(
      String.raw`"Authorization: Bearer $(cat 'my weir'\''s/admin-token')"`,
    );
    const { tokenFile: _, ...fromEnvironment } = apostrophe;
    expect(commands(fromEnvironment)[1]).toContain('"Authorization: Bearer $WEIR_ADMIN_TOKEN"');
  });

  it("kill only what is simulated", () => {
    expect(commands(facts()).at(-1)).toBe("curl -X POST http://127.0.0.1:9100/origins/b/kill");
    const { simulated: _, ...real } = facts();
    expect(commands(real).join()).not.toContain("kill");
  });
});

describe("a line of the log", () => {
  const time = new Date(2026, 0, 1, 12, 0, 1).toISOString();
  const request = {
    time,
    event: "request",
    requestId: "1",
    method: "GET",
    host: "h",
    path: "/a",
    attempts: 1,
    durationMs: 83,
  } as const;

  it("shows a request in one line", () => {
    expect(logLine({ ...request, status: 200, origin: "on-prem-1" })).toBe(
      "12:00:01  200  GET /a  on-prem-1  83 ms",
    );
  });

  it("shows that it spilled, that it was retried, and that the client went away", () => {
    expect(logLine({ ...request, status: 200, origin: "cloud-1", spill: "peak", attempts: 2 })).toBe(
      "12:00:01  200  GET /a  cloud-1  83 ms  spilled: peak  2 attempts",
    );
    expect(logLine(request)).toBe("12:00:01  ---  GET /a  no origin  83 ms");
  });

  it("shows any other event with its fields", () => {
    expect(logLine({ time, event: "health", origin: "a", to: "unhealthy", rounds: 2 })).toBe(
      "12:00:01  health  origin=a  to=unhealthy  rounds=2",
    );
  });
});
