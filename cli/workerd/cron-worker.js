/**
 * A Worker that stands in for Cloudflare's cron on plain workerd, which fires none: a request to it calls the
 * bound Worker's `scheduled()`. cron.ts ticks it. It listens on a loopback port, so it asks for the run's token.
 */

/** @param {string} text */
const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

export default {
  /**
   * @param {Request} request
   * @param {{ WEIR: { scheduled(event: object): Promise<{ outcome: string }> }, TOKEN: string }} env
   */
  async fetch(request, env) {
    const presented = await digest(request.headers.get("Authorization") ?? "");
    if (!crypto.subtle.timingSafeEqual(presented, await digest(`Bearer ${env.TOKEN}`))) {
      return new Response(null, { status: 401 });
    }
    const { outcome } = await env.WEIR.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    return new Response(outcome, { status: outcome === "ok" ? 200 : 500 });
  },
};
