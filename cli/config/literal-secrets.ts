/**
 * Secrets that are written out in a config: they are in its repository, in the bundle, and in the state directory.
 * `${ENV:NAME}` keeps them where secrets are kept. The sections say which values are secrets; of headers and parameters of URLs, any
 * of which may be one, the name tells. Pure.
 */
import { isSecretAt } from "../../worker/config/parse/found.ts";
import { mapTexts, toPlain } from "../../worker/config/parse/plain.ts";
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { namesIn } from "../../worker/config/parse/interpolate.ts";
import { formatPath } from "../../worker/config/parse/notation.ts";
import { config } from "../../worker/config/sections/config.ts";

/** Names of headers and of a URL's parameters whose values are usually secrets. */
const telling = /auth|cookie|token|secret|password|passwd|api-?_?key|signature|credential/i;

/** A warning for each, with its place and not its value. `raw`: the config as it is written. */
export function literalSecrets(raw: unknown): ConfigIssue[] {
  const warnings: ConfigIssue[] = [];
  mapTexts(toPlain(raw).value, (text, path) => {
    if (text !== "" && namesIn(text).length === 0 && isSecret(text, path)) {
      warnings.push({ path: formatPath(path), found: "a secret that is written out", expected, place: path });
    }
    return text;
  });
  return warnings;
}

const expected =
  '"${ENV:NAME}", and the value in the environment (deployed: wrangler secret put NAME): what is written out is in the bundle, and wherever the config is kept';

function isSecret(text: string, path: readonly (string | number)[]): boolean {
  const [parent, key] = [path.at(-2), path.at(-1)];
  if (isSecretAt(path, config)) return parent !== "headers" || telling.test(String(key));
  return (
    key === "url" &&
    (/\?(.*)/s.exec(text)?.[1] ?? "").split("&").some((part) => telling.test(part.split("=")[0] ?? ""))
  );
}
