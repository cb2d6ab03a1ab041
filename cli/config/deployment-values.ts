/**
 * What `${ENV:NAME}` stands for before a deployment, when only part of it can be known: `[vars]` of `wrangler.toml`
 * have their values there, but a secret's value is known to Cloudflare alone. A declared secret is therefore
 * represented by a stand-in of the right kind, so that everything else in the config can be judged.
 */
import { envNames, type Lookup } from "../../worker/config/parse/interpolate.ts";
import { parseConfig } from "../../worker/config/parse/parse.ts";

const standIns = { text: "stand-in", url: "https://stand-in.example" } as const;

/**
 * A lookup for this config.
 * @param values what is known, by name.
 * @param isSecret whether a name will have a value that is not known here.
 */
export function deploymentLookup(
  raw: unknown,
  values: Readonly<Record<string, string | undefined>>,
  isSecret: (name: string) => boolean,
): Lookup {
  const lookup =
    (urls: ReadonlySet<string>): Lookup =>
    (name) =>
      values[name] ?? (isSecret(name) ? standIns[urls.has(name) ? "url" : "text"] : undefined);
  const asText = lookup(new Set());
  const parsed = parseConfig(raw, asText);
  if (parsed.ok) return asText;
  // Where a text does not fit, a URL may.
  const misfits = new Set(parsed.issues.map(({ path }) => path));
  const names = envNames(raw).filter(({ paths }) => paths.some((path) => misfits.has(path)));
  return lookup(new Set(names.map(({ name }) => name)));
}
