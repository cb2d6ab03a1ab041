/** The shape of the way to an origin; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import { bindingKinds } from "../config.ts";
import { checkedText, oneOf, option, section, text } from "../kinds/fields.ts";
import { parseAuthority } from "../kinds/host.ts";

const bindingName = checkedText(
  "the name of a binding: 1 to 64 letters, digits or _, the first a letter",
  (name) => /^[A-Za-z]\w{0,63}$/.test(name),
);
const binding = section('"fetch", or an object with the key binding', {
  binding: bindingName.describe(
    "The Worker's binding whose fetch reaches the origin (VPC, tunnel, other Worker, mTLS).",
  ),
  kind: option(oneOf(bindingKinds), "What the binding is. Default: not said."),
});

export const via = z.union([z.literal("fetch"), binding], { error: '"fetch", or { "binding": "NAME" }' });

/** The Host that an origin sees; `"origin"` stands for that of its URL. */
export const originHost = text('"origin", "preserve", or a host such as "shop.example.com"', readHost);

function readHost(written: string): "origin" | "preserve" | { literal: string } | undefined {
  if (written === "origin" || written === "preserve") return written;
  const literal = parseAuthority(written);
  return literal === undefined ? undefined : { literal };
}

const tokenPart = checkedText("text of 1 to 256 visible characters, as ${ENV:NAME}", (part) =>
  /^[!-~]{1,256}$/.test(part),
);

export const access = section("an object with id and secret", {
  id: tokenPart.describe("Sent as CF-Access-Client-Id."),
  secret: tokenPart.describe("Sent as CF-Access-Client-Secret."),
});
