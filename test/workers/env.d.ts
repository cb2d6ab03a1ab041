import type { Env as WeirEnv } from "../../worker/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WeirEnv {}
  }
}
