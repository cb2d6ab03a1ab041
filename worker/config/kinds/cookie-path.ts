/** The `Path` of a cookie (RFC 6265 §4.1.1). */
import { checkedText } from "./fields.ts";
import { isCookiePath } from "./http-syntax.ts";

export const cookiePathExpected = 'a path from "/", without ";" or control characters';
export const cookiePath = checkedText(cookiePathExpected, isCookiePath).meta({
  examples: ["/", "/app"],
  pattern: "^/[^;]*$",
});
