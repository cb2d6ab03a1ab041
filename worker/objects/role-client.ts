/** How an isolate calls an object of class `WeirRole`, which is named for its role and its part: `limits:3`. */
import type { Millis } from "../../core/model/upstream.ts";
import type { RoleResult } from "../../core/protocol/role-object.ts";
import { Alarm } from "../alarm.ts";
import type { Env } from "../env.ts";
import { answered, onlyOnce } from "../transport/object-exchange.ts";

export interface RoleCall {
  readonly object: string;
  readonly message: object;
  /** How long the answer may take. */
  readonly timeoutMs: Millis;
  /** The request's own; absent: the call is no request's. */
  readonly alarm?: Alarm;
}

/** The object's answer. Rejects when there is none in time, when the role fails, and when the object does not know the role. */
export async function callRole<Answer>(
  env: Env,
  { object, message, timeoutMs, alarm: own }: RoleCall,
): Promise<Answer> {
  const { ROLES } = env;
  if (ROLES === undefined) throw new Error("there is no binding ROLES");
  const alarm = own ?? new Alarm();
  const json = JSON.stringify(message);
  const terms = { alarm, exchangeMs: timeoutMs, now: Date.now() };
  try {
    // In a promise of its own, so that what making the stub throws is a rejection, too.
    const said = await answered(terms, async () => ROLES.getByName(object, onlyOnce).call(json));
    const result: RoleResult<Answer> = JSON.parse(said);
    if (result.kind === "answer") return result.answer;
    throw new Error(result.kind === "failed" ? "the role has failed" : "the object does not know this role");
  } finally {
    if (own === undefined) alarm.stop();
    else alarm.clear();
  }
}
