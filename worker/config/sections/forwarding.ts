/** `forwarding`: whose word about the client counts, and how origins are told where requests come from. */
import { checkedText, flag, list, oneOf } from "../kinds/fields.ts";
import { isPseudonym } from "../kinds/http-syntax.ts";
import { network } from "../kinds/network.ts";
import { option, optional, section, type ValuesOf } from "../section.ts";

export const forwarding = section("WeirForwarding", {
  /** Networks and addresses of proxies in front of Weir whose forwarding headers are believed. Those of all others are dropped. `"0.0.0.0/0"` believes every client. */
  trusted: option(list(network, 0, 1_000, "networks"), []),
  /** The headers that these proxies write: `X-Forwarded-For`, `-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other kind, which they pass on from any client, is dropped. */
  read: option(oneOf(["x-forwarded", "forwarded"]), "x-forwarded"),
  /** Origins get a `Forwarded` header, too. */
  forwarded: option(flag(), false),
  /** Weir's name in `Via`, in requests and responses: a token, or a host. nginx does not compress answers to requests with a `Via`, unless `gzip_proxied any` is set. */
  via: optional(
    checkedText('a name for Via: a token such as "weir", or a host with or without a port', isPseudonym).meta(
      { examples: ["weir", "weir.example.com:8080"] },
    ),
    "none",
  ),
});

export type ForwardingConfig = ValuesOf<typeof forwarding>;
