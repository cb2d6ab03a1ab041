/** What a config is tried with: some requests that each of its routes may take. */
import type { WeirConfig, WeirRoute } from "../../../worker/config/weir-config.ts";
import { amount, canonicalHost, type TrialRequest } from "./expected-answer.ts";

/** Node's servers take no more. */
const mostFieldBytes = 15_000;

/** All that a route says has a request for which it makes a difference. */
export function requestsFor({ routes, forwarding, upstreams, limits }: WeirConfig): TrialRequest[] {
  const isTrusted = forwarding?.trusted?.includes("127.0.0.0/8") === true;
  const fieldBytes = amount(limits?.headers ?? "64KiB") + 1;
  return routes.flatMap((route) => {
    const { methods = ["POST"], upstream = "" } = route;
    const usual = {
      method: "GET",
      secure: false,
      bodyBytes: 0,
      fieldBytes: 0,
      status: 200,
      ...addressOf(route),
    };
    // Node and workerd know which methods there are.
    const other = methods.find((method) => method !== "GET" && method !== "X-NONE") ?? "POST";
    const hasErrors = upstreams[upstream]?.errors !== undefined;
    return [
      usual,
      { ...usual, method: other, bodyBytes: other === "HEAD" ? 0 : 1 },
      ...(route.methods === undefined ? [] : [{ ...usual, method: "DELETE" }]),
      ...(fieldBytes <= mostFieldBytes ? [{ ...usual, fieldBytes }] : []),
      ...(isTrusted ? [{ ...usual, secure: true }] : []),
      ...(hasErrors ? [{ ...usual, secure: isTrusted, status: 404 }] : []),
    ];
  });
}

/** Any address that the route takes, unless another route takes it away. */
function addressOf({
  host = "anybody.test",
  exact,
  prefix = "/some",
}: WeirRoute): Pick<TrialRequest, "host" | "target"> {
  const path = exact ?? (prefix.endsWith("/") ? `${prefix}deep` : prefix);
  return { host: canonicalHost(host.replace(/^\*\./, "deep.below.")), target: `${path}?user=7` };
}
