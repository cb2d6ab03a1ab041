/**
 * The URL that Weir sends orders to. Orders are signed, but they say how busy a site is, and a party that could change the answer could
 * keep an order from its receiver: over a public network they go encrypted or not at all.
 */
import { text } from "./fields.ts";
import { isPrivateHost } from "./host.ts";

/** The URL in its canonical form; `undefined` if it is no webhook's. */
export function parseWebhookUrl(text: string): string | undefined {
  const url = text.length <= 2048 && !/[\s\p{Cc}]/u.test(text) ? URL.parse(text) : null;
  if (url === null || url.username + url.password + url.hash !== "") return undefined;
  if (url.protocol === "https:") return url.href;
  return url.protocol === "http:" && isPrivateHost(url.hostname) ? url.href : undefined;
}

export const webhookUrl = text("an https: URL, or http: on a private network", parseWebhookUrl).meta({
  bounds: "`https:`, or `http:` on a private network",
  examples: ["https://scaler.example.com/orders"],
});
