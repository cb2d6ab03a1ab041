/** The short form of an ordinary day on a whole site (`examples/django-uwsgi/`); the long one is in `npm run test:long`. */
import { describe, expect, test } from "vitest";

import { runCrowd } from "../../examples/django-uwsgi/crowd/run.ts";
import { missingPackages } from "../../examples/django-uwsgi/stack/programs.ts";

const missing = missingPackages("weir");

describe("a crowd of browsers in front of a Django site in three uWSGI instances", () => {
  test.skipIf(missing.length > 0)(
    missing.length > 0
      ? `needs ${missing.join(", ")} (npm run servers)`
      : "loses no request and no post, in calm and while servers are drained and stopped",
    async () => {
      const { phases } = await runCrowd({
        front: "weir",
        phases: ["calm", "drain"],
        phaseMs: 2_000,
        browsers: 8,
        seed: 1,
      });
      for (const { name, faults } of phases) expect([name, ...faults]).toEqual([name]);
    },
  );
});
