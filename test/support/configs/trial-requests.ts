/** What a config is tried with: some requests that each of its routes may take. */
import type { WeirConfig, WeirRoute } from "../../../worker/config/weir-config.ts";
import { amount, type TrialRequest } from "./expected-answer.ts";
import { canonicalHost } from "./expected-route.ts";

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
      told: false,
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
      ...(routes.some(({ when }) => when !== undefined) ? [{ ...usual, ...told(usual) }] : []),
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
  startsWith,
  pattern,
  prefix = "/some",
}: WeirRoute): Pick<TrialRequest, "host" | "target"> {
  const below = prefix.endsWith("/") ? `${prefix}deep` : prefix;
  const like = pattern === undefined ? below : "/shop/17";
  const path = exact ?? (startsWith === undefined ? like : `${startsWith}more`);
  return { host: canonicalHost(host.replace(/^\*\./, "deep.below.")), target: `${path}?user=7` };
}

const told = ({ target }: Pick<TrialRequest, "target">) => ({ told: true, target: `${target}&page=de` });
