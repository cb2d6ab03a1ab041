/** An upstream as it is at this moment: what the config lists, and the origins that have registered themselves. */
import type { MemberRules } from "../../core/membership/members.ts";
import type { Enrolled, Member } from "../../core/protocol/members.ts";
import type { OriginConfig } from "./sections/origin.ts";
import type { RegisterConfig } from "./sections/register.ts";
import type { UpstreamConfig } from "./sections/upstream.ts";
import { isAllowed } from "./kinds/url-pattern.ts";
import { present } from "./present.ts";

/** The config with these members in their pools; those of pools that take none (an older config's, say) are left out. */
export function withMembers(
  config: UpstreamConfig,
  members: readonly (Enrolled & Pick<Member, "leaving">)[],
): UpstreamConfig {
  if (members.length === 0) return config;
  const pools = config.pools.map((pool) => {
    const { register } = pool;
    if (register === undefined) return pool;
    const own = members.filter((member) => member.pool === pool.name);
    return { ...pool, origins: [...pool.origins, ...own.map((member) => originOf(member, register))] };
  });
  return { ...config, pools };
}

function originOf(
  { name, url, leaving }: Enrolled & Pick<Member, "leaving">,
  { maxConns }: RegisterConfig,
): OriginConfig {
  const usual = { weight: 1, backup: false, via: "fetch", connection: "auto", registered: true } as const;
  return present({
    name,
    url,
    ...usual,
    maxConns,
    leaving: leaving === undefined ? undefined : (true as const),
  });
}

/** Which registrations the upstream takes. */
export function memberRules({ pools }: UpstreamConfig): MemberRules {
  return {
    pools: pools.flatMap(({ name, register }) => {
      if (register === undefined) return [];
      const { everyMs, max, urls } = register;
      return [{ name, everyMs, max, allows: (url: string) => isAllowed(url, urls) }];
    }),
    listed: pools.flatMap(({ origins }) => origins),
  };
}
