/** The names that a config gives: of upstreams, pools and origins. They stand in logs, metrics and paths of the API. */
import { checkedText } from "./fields.ts";

export const name = checkedText(
  'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit',
  (written) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(written),
).meta({ bounds: "1–64 letters, digits, `.`, `_`, `-`", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });
