/** Where orders may be sent: encrypted, or in the clear on a private network. */
import { expect, test } from "vitest";
import { parseWebhookUrl } from "../../../../../worker/config/kinds/webhook-url.ts";

test.each([
  ["HTTPS://Scale.example.com/hook?site=shop", "https://scale.example.com/hook?site=shop"],
  ...["http://127.0.0.1:9000/hook", "http://[fd00::1]/", "http://10.1.2.3/", "http://scaler.internal/"].map(
    (near) => [near, near],
  ),
])("%s", (written, url) => {
  expect(parseWebhookUrl(written)).toBe(url);
});

test.each([
  "http://scale.example.com/",
  "http://203.0.113.7/",
  "http://[2001:db8::1]/",
  "ftp://scale.example.com/",
  "https://me:hunter2@scale.example.com/",
  "https://scale.example.com/#x",
  "https://scale.example.com/a b",
  "https://scale.example.com/\n",
  `https://scale.example.com/${"x".repeat(2_048)}`,
  "",
])("not %s", (written) => {
  expect(parseWebhookUrl(written)).toBeUndefined();
});
