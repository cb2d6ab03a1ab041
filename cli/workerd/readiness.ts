/** Waiting until an isolate answers: asked again and again, since a port that is open need not be served yet. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { ExpectedError } from "../expected-error.ts";

const everyMs = 20;
const deadlineMs = 20_000;

/**
 * Resolves when `GET /_weir/healthz` is answered with 200.
 * @param adminHosts the config's `admin.hosts`: where `/_weir/` is answered. Absent: everywhere. Empty: nowhere, and
 *   then any answer will do.
 * @param failed rejects if the process ends.
 * @throws ExpectedError if that is not so within 20 s, with what was answered instead.
 */
export async function awaitHealthy(
  url: string,
  adminHosts: readonly string[] | undefined,
  failed: Promise<never>,
): Promise<void> {
  const isReady = (status: string): boolean => (adminHosts?.length === 0 ? /^\d+$/ : /^200$/).test(status);
  const deadline = performance.now() + deadlineMs;
  let seen = "no answer";
  while (performance.now() < deadline) {
    seen = await Promise.race([healthz(url, adminHosts?.[0]), failed]);
    if (isReady(seen)) return;
    await sleep(everyMs);
  }
  throw new ExpectedError(`Weir did not become ready: GET ${url}/_weir/healthz gave ${seen}.`);
}

/** The status, or what went wrong instead. */
async function healthz(url: string, host: string | undefined): Promise<string> {
  try {
    const { statusCode, body } = await request(`${url}/_weir/healthz`, {
      headers: host === undefined ? {} : { host },
      headersTimeout: 5000,
    });
    await body.dump();
    return String(statusCode);
  } catch (error) {
    return String(error);
  }
}
