/** The whole loop of autoscaling, on the shipped bundle: load orders instances, `weir autoscaler` starts them, they serve, and go. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import type { OriginView } from "../../core/protocol/origin-view.ts";
import { loadUntil } from "../support/load-until.ts";
import { patienceMs } from "../support/patience.ts";
import { registeringShop } from "../support/registering-shop.ts";
import { registerSecret } from "../support/sign-message.ts";
import { freePorts } from "../support/free-ports.ts";
import { eventually, origins, startStack, type Stack } from "../support/stack.ts";
import { runWeir, type WeirCommand } from "../support/weir-command.ts";

const scaleSecret = "nothing secret, for tests of orders only";

let hook: number;
let instances: readonly number[];
let stack: Stack;
let autoscaler: WeirCommand;

beforeAll(async () => {
  [hook = 0, ...instances] = await freePorts(3);
  const urls = instances.map((port) => `http://127.0.0.1:${port}`);
  stack = await startStack({
    origins: { home: ["home-1"] },
    isolates: 2,
    spec: { workers: 64, serviceTime: { kind: "constant", ms: 50 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          ...registeringShop(urlOf("home-1"), urls),
          autoscale: {
            slots: 8,
            startsIn: "1s",
            shrinkAfter: "5s",
            max: 2,
            webhook: { url: `http://127.0.0.1:${hook}/scale`, secret: scaleSecret },
          },
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  vi.stubEnv("WEIR_SCALE_SECRET", scaleSecret);
  vi.stubEnv("WEIR_REGISTER_SECRET", registerSecret);
  const where = ["--weir", stack.url, "--port", `${hook}`, "--instances-from", `${instances[0]}`];
  autoscaler = runWeir(["autoscaler", ...where, "--max", "2", "--starts-in", "500"]);
  vi.unstubAllEnvs();
  const isListening = () => autoscaler.stdout().includes("Listening for orders");
  await eventually("the autoscaler listens for orders", isListening, patienceMs);
});

afterAll(async () => {
  autoscaler.child.kill("SIGTERM");
  await autoscaler.ended;
  await stack.stop();
});

async function cloud(): Promise<OriginView[]> {
  return origins(await stack.admin.upstreams()).filter(({ registered }) => registered !== null);
}

test("load orders instances, the autoscaler starts them, they register and serve; when it ends they go", async () => {
  const serve = async () => (await cloud()).filter(({ traffic }) => traffic.answered > 50).length === 2;
  const load = { urls: stack.weir.urls, clients: 24 };
  await loadUntil("two instances serve", load, serve);
  expect((await cloud()).map(({ name }) => name).sort()).toEqual(["cloud-instance-1", "cloud-instance-2"]);

  await eventually("all instances have gone", async () => (await cloud()).length === 0, patienceMs);
  const haveEnded = () =>
    ["1", "2"].every((nth) => autoscaler.stdout().includes(`cloud-instance-${nth}: gone`));
  await eventually("their processes, too", haveEnded, patienceMs);
  expect(autoscaler.stdout()).toContain("order: 0 instances");
  expect(autoscaler.stdout()).not.toContain("left without an answer");
  expect(autoscaler.child.exitCode).toBeNull();
});
