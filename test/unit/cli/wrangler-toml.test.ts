/** What the commands read in `wrangler.toml`. */
import { describe, expect, it } from "vitest";
import { parseWranglerToml, readWranglerToml } from "../../../cli/wrangler-toml.ts";

const source = `
name = "weir"
compatibility_date = "2026-11-02"
compatibility_flags = ["enable_request_signal"]
vars = { REGION = "weur", LIMIT = 5 }
vpc_services = [{ binding = "ON_PREM", service_id = "1" }]
kv_namespaces = [{ binding = "KV", id = "2" }]
[secrets]
required = ["WEIR_SECRET"]
[[durable_objects.bindings]]
name = "PROBER"
class_name = "Prober"
[env.staging.vars]
REGION = "enam"
`;

describe("wrangler.toml", () => {
  it("says what plain workerd has to run with", () => {
    expect(parseWranglerToml(source)).toMatchObject({
      compatibilityDate: "2026-11-02",
      compatibilityFlags: ["enable_request_signal"],
      durableObjects: [{ binding: "PROBER", className: "Prober", firstName: "Prober" }],
    });
  });

  it("says which values, secrets and ways to an origin a deployment has", () => {
    const { vars, secrets, fetchers } = parseWranglerToml(source);
    expect(vars).toEqual({ REGION: "weur" });
    expect(secrets).toEqual(["WEIR_SECRET"]);
    // A KV namespace has no fetch.
    expect(fetchers).toEqual(["ON_PREM"]);
  });

  it("an environment inherits the date, but neither vars nor secrets nor bindings", () => {
    const staging = parseWranglerToml(source, "staging");
    expect(staging).toMatchObject({ compatibilityDate: "2026-11-02", vars: { REGION: "enam" } });
    expect([staging.secrets, staging.fetchers, staging.durableObjects]).toEqual([[], [], []]);
  });

  it("an environment that does not exist is refused by name", () => {
    expect(() => parseWranglerToml(source, "prod")).toThrow('no environment "prod"');
  });

  it("what is no TOML is refused with the place", () => {
    expect(() => parseWranglerToml("name = ")).toThrow(/^wrangler\.toml is not valid TOML: .*1:/s);
  });

  it("a class that was renamed is known by its first name, too, however often it was", () => {
    const renamed = `${source}
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Pinger"]
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "Pinger", to = "Poller" }, { from = "Other", to = "Pinger" }]
[[migrations]]
tag = "v3"
renamed_classes = [{ from = "Poller", to = "Prober" }]`;
    const [prober] = parseWranglerToml(renamed).durableObjects;
    expect(prober).toEqual({ binding: "PROBER", className: "Prober", firstName: "Pinger" });
  });

  it("the project's own binds all objects, of which the older ones keep their storage under the names of the first version", () => {
    expect(readWranglerToml().durableObjects).toEqual([
      { binding: "UPSTREAM_STATE", className: "WeirUpstream", firstName: "UpstreamState" },
      { binding: "PROBER", className: "WeirProber", firstName: "Prober" },
      { binding: "ROLES", className: "WeirRole", firstName: "WeirRole" },
    ]);
  });
});
