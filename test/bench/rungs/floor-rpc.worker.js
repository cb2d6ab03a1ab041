/** The floor, that asks an object before each request as Weir does in strict mode, and gets no answer to speak of. */
import { DurableObject } from "cloudflare:workers";
import { serve } from "./floor.worker.js";

export class Empty extends DurableObject {
  /** Does nothing. */
  exchange() {}
}

export default {
  /**
   * @param {Request} request
   * @param {{ ORIGIN: string, OBJECT: DurableObjectNamespace<Empty> }} env
   * @param {ExecutionContext} ctx
   */
  async fetch(request, env, ctx) {
    await env.OBJECT.getByName("bench").exchange();
    return serve(request, env, ctx);
  },
};
