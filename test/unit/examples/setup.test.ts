import { describe, expect, test } from "vitest";

import { ExpectedError } from "../../../cli/expected-error.ts";
import { nginxConf } from "../../../examples/django-uwsgi/setup/nginx-conf.ts";
import { setupOf, type SetupOptions } from "../../../examples/django-uwsgi/setup/setup.ts";
import { supervisorConf } from "../../../examples/django-uwsgi/setup/supervisor-conf.ts";
import { uwsgiIni } from "../../../examples/django-uwsgi/setup/uwsgi-ini.ts";

const options: SetupOptions = {
  folder: "/srv/100% site",
  front: "weir",
  replicas: 3,
  basePort: 8080,
  frontPort: 8787,
};

describe("the generator of the example's set-up", () => {
  test.each([
    ["no replicas", { replicas: 0 }],
    ["no base port", { basePort: 0 }],
    ["a last port beyond 65535", { basePort: 65_531 }],
  ])("refuses %s", (_, wrong) => {
    expect(() => setupOf({ ...options, ...wrong })).toThrow(ExpectedError);
  });

  test("gives each instance a port of its own, home first, the highest below 65536", () => {
    const { instances } = setupOf({ ...options, basePort: 65_530 });
    expect(instances.map(({ name, port, pool }) => [name, port, pool])).toEqual([
      ["p0", 65_530, "home"],
      ["p1", 65_531, "home"],
      ["p2", 65_532, "home"],
      ["c0", 65_533, "cloud"],
      ["c1", 65_534, "cloud"],
    ]);
  });

  test("makes a program for each instance, with its port, and one for the front", () => {
    const conf = supervisorConf(setupOf(options));
    expect([...conf.matchAll(/^\[program:(\w+)\]/gm)].map(([, name]) => name)).toEqual([
      "p0",
      "p1",
      "p2",
      "c0",
      "c1",
      "front",
    ]);
    expect([...conf.matchAll(/S_PORT="(\d+)"/g)].map(([, port]) => port)).toEqual([
      "8080",
      "8081",
      "8082",
      "8083",
      "8084",
    ]);
  });

  test("escapes what supervisor would expand", () => {
    expect(supervisorConf(setupOf(options)).replaceAll("%%", "")).not.toContain("%");
  });

  test("takes uWSGI as it comes: without a word on connections", () => {
    expect(uwsgiIni(setupOf(options))).not.toMatch(/connection/i);
  });

  test("marks an instance of nginx's that is drained, and keeps the cloud in reserve", () => {
    const servers = nginxConf(setupOf(options), new Set(["p1", "c1"])).match(/^ +server 127.*;$/gm);
    expect(servers?.map((line) => line.trim())).toEqual([
      "server 127.0.0.1:8080;",
      "server 127.0.0.1:8081 down;",
      "server 127.0.0.1:8082;",
      "server 127.0.0.1:8083 backup;",
      "server 127.0.0.1:8084 backup down;",
    ]);
  });
});
