/**
 * What a config needs at Cloudflare and `wrangler.toml` does not declare. Wrangler would deploy it all the same, and
 * the first request would find it missing.
 */
import type { LoadedConfig } from "../config/load-config.ts";
import type { WranglerToml } from "../wrangler-toml.ts";

/** One or two lines for each: what is missing, where it is used, and how it is declared. */
export function undeclared({ config, env }: LoadedConfig, toml: WranglerToml): string[] {
  const names = new Set([...Object.keys(toml.vars), ...toml.secrets]);
  const values = env
    .filter(({ name }) => !names.has(name))
    .map(
      ({ name, paths }) =>
        `  \${ENV:${name}} in ${paths.join(", ")}\n    Declare it in [vars], or ${asSecret(name)}`,
    );

  const origins = config.upstreams.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
  const bound = Map.groupBy(origins, ({ via }) => (via === "fetch" ? undefined : via.binding));
  const bindings = [...bound].flatMap(([binding, origins]) =>
    binding === undefined || toml.fetchers.includes(binding) ? [] : bindingMissing(binding, origins),
  );

  const sticky = config.upstreams.filter((upstream) => upstream.sticky !== undefined);
  const seal = sticky.length === 0 || names.has("WEIR_SECRET") ? [] : sealMissing(sticky);
  return [...values, ...bindings, ...seal];
}

const bindingMissing = (binding: string, origins: readonly { readonly name: string }[]): string =>
  `  binding ${binding} of ${origins.map(({ name }) => name).join(", ")}\n    Declare it: [[vpc_networks]] or [[vpc_services]] for a private network, [[services]]\n    for another Worker, [[mtls_certificates]] for a client certificate.`;

const sealMissing = (sticky: readonly { readonly name: string }[]): string[] => [
  `  WEIR_SECRET, which seals the sticky cookies of ${sticky.map(({ name }) => name).join(", ")}\n    Declare it ${asSecret("WEIR_SECRET")}`,
];

const asSecret = (name: string): string =>
  `as a secret: [secrets] required = ["${name}"], and wrangler secret put ${name}`;
