/** `forwardAuth` of a route. */
import { forwardAuth as section } from "../../../../../worker/config/sections/forward-auth.ts";
import { accepts, duration, inRoute, refuses } from "../tables.ts";

const forwardAuth = inRoute(section);
const least = { upstream: "shop", path: "/verify" };

accepts(forwardAuth, [
  [undefined, undefined],
  [least, { ...least, timeoutMs: 5_000, requestHeaders: undefined, originHeaders: [], clientHeaders: [] }],
  [
    { ...least, path: "/v?a=b", timeout: "1s", requestHeaders: ["Cookie"], originHeaders: ["Remote-User"] },
    {
      ...least,
      path: "/v?a=b",
      timeoutMs: 1_000,
      requestHeaders: ["cookie"],
      originHeaders: ["Remote-User"],
      clientHeaders: [],
    },
  ],
]);

const path =
  'a path from "/" (not "//"), percent-encoded, without dot segments or "#", with or without a query';
refuses(forwardAuth, [
  [{ path: "/verify" }, ".upstream", /^a name: /, "nothing"],
  [{ upstream: "shop" }, ".path", path, "nothing"],
  [
    { ...least, upstream: "shap" },
    ".upstream",
    'the name of an upstream of this config; the nearest is "shop"',
  ],
  [{ ...least, path: "http://auth/verify" }, ".path", path],
  [{ ...least, path: "//auth" }, ".path", path],
  [{ ...least, timeout: "0s" }, ".timeout", duration("100ms", "60s")],
  [{ ...least, originHeaders: ["a b"] }, ".originHeaders[0]", "a header's name"],
]);
