/**
 * What a config needs at Cloudflare and `wrangler.toml` does not declare. Wrangler would deploy it all the same, and
 * the first request would find it missing. Pure.
 */
import type { LoadedConfig } from "../config/load-config.ts";
import { wrapped } from "../terminal/wrap.ts";
import type { WranglerToml } from "../wrangler-toml.ts";

/** What is missing and where it is used, then how it is declared, for each kind; lines of at most `width` columns. */
export function undeclared(loaded: LoadedConfig, toml: WranglerToml, width: number): string[] {
  const names = new Set([...Object.keys(toml.vars), ...toml.secrets]);
  const all = [
    missingValues(loaded, names),
    missingBindings(loaded, toml),
    missingRoles(loaded, toml),
    missingSeal(loaded, names),
  ];
  return all
    .filter(({ what }) => what.length > 0)
    .flatMap(({ what, declareIt }) =>
      what.map((text) => wrapped("  ", text, width)).concat(wrapped("    ", declareIt, width)),
    );
}

interface Missing {
  readonly what: readonly string[];
  readonly declareIt: string;
}

function missingValues({ env }: LoadedConfig, names: ReadonlySet<string>): Missing {
  const missing = env.filter(({ name }) => !names.has(name));
  return {
    what: missing.map(({ name, paths }) => `\${ENV:${name}} in ${paths.join(", ")}`),
    declareIt: `Declare it in [vars], or ${asSecret(missing.map(({ name }) => name))}`,
  };
}

function missingBindings({ config }: LoadedConfig, { fetchers }: WranglerToml): Missing {
  const origins = config.upstreams.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
  const bound = Map.groupBy(origins, ({ via }) => (via === "fetch" ? undefined : via.binding));
  const missing = [...bound].flatMap(([binding, users]) =>
    binding === undefined || fetchers.includes(binding)
      ? []
      : `binding ${binding} of ${users.map(({ name }) => name).join(", ")}`,
  );
  const declareIt =
    "Declare it: [[vpc_networks]] or [[vpc_services]] for a private network, [[services]] for another Worker, [[mtls_certificates]] for a client certificate.";
  return { what: missing, declareIt };
}

function missingRoles({ config }: LoadedConfig, { durableObjects }: WranglerToml): Missing {
  const limited = config.routes.filter(
    ({ rateLimits, concurrency }) => rateLimits !== undefined || concurrency !== undefined,
  );
  const switched = config.routes.filter(({ maintenance }) => maintenance?.byOrder === true);
  const isBound = durableObjects.some(({ binding }) => binding === "ROLES");
  const namesOf = (routes: typeof limited): string => routes.map(({ name }) => name).join(", ");
  const what = [
    ...(limited.length > 0
      ? [`binding ROLES, whose objects count the rateLimits and concurrency of ${namesOf(limited)}`]
      : []),
    ...(switched.length > 0
      ? [`binding ROLES, one of whose objects keeps the orders of maintenance of ${namesOf(switched)}`]
      : []),
  ];
  return {
    what: isBound ? [] : what,
    declareIt:
      'Declare it: [[durable_objects.bindings]] with name = "ROLES" and class_name = "WeirRole", and [[migrations]] with new_sqlite_classes = ["WeirRole"], as in Weir\'s own wrangler.toml.',
  };
}

function missingSeal({ config }: LoadedConfig, names: ReadonlySet<string>): Missing {
  const sticky = config.upstreams.filter((upstream) => upstream.sticky !== undefined);
  const upstreams = sticky.map(({ name }) => name).join(", ");
  return {
    what:
      sticky.length === 0 || names.has("WEIR_SECRET")
        ? []
        : [`WEIR_SECRET, which seals the sticky cookies of ${upstreams}`],
    declareIt: `Declare it ${asSecret(["WEIR_SECRET"])}`,
  };
}

function asSecret(names: readonly string[]): string {
  const put = names.length === 1 ? `wrangler secret put ${names[0]}` : "wrangler secret put NAME for each";
  return `as a secret: [secrets] required = [${names.map((name) => `"${name}"`).join(", ")}], and ${put}`;
}
