/** A page that Weir answers with, as HTML; `{status}`, `{message}` and `{requestId}` in it are placeholders. */
import { checkedText } from "./fields.ts";

export const page = checkedText("an HTML page of 1 to 8192 characters", (html) => html.length > 0).meta({
  bounds: "1–8192 characters",
  examples: ["<h1>{status}</h1><p>{message} {requestId}</p>"],
});
