/** Two parts of `npm run test:long`: what a user's site meets in a week, and POSTs to servers that close connections each in its own way. */
import { seededRandom } from "../../core/model/random.ts";
import { phaseNames } from "../../examples/django-uwsgi/crowd/phases.ts";
import { runCrowd } from "../../examples/django-uwsgi/crowd/run.ts";
import { resultText } from "../../examples/django-uwsgi/crowd/table.ts";
import { fronts } from "../../examples/django-uwsgi/setup/setup.ts";
import { missingPackages } from "../../examples/django-uwsgi/stack/programs.ts";
import { installedServers, missingServers, startNotingStack } from "./noting-stack.ts";

interface Seeded {
  readonly seed: number;
}

/** `false` if a promise broke in front of the site, be it Weir that stood there, or nginx beside it. */
export async function tryDay({ seed }: Seeded): Promise<boolean> {
  let passed = true;
  for (const front of fronts) {
    const missing = missingPackages(front);
    if (missing.length > 0) {
      console.log(`day: skipped with ${front}: ${missing.join(", ")} is missing (npm run servers)`);
      continue;
    }
    console.log(`day: with ${front}, seed ${seed}`);
    const result = await runCrowd({ front, phases: phaseNames, phaseMs: 20_000, browsers: 12, seed });
    console.log(resultText(result));
    passed &&= result.faults.length === 0 && result.phases.every(({ faults }) => faults.length === 0);
  }
  return passed;
}

/** Before, at, and after the moment at which a server closes an idle connection, in ms. */
const offsetsMs = [-20, -5, -2, -1, 0, 1, 2, 5, 20];

/** `false` if a POST failed, was lost, or came twice. */
export async function tryPosts({ seed }: Seeded): Promise<boolean> {
  if (missingServers.length > 0)
    console.log(`posts: skipped: ${missingServers.join(", ")} (npm run servers)`);
  const stack = await startNotingStack();
  try {
    const results = await Promise.all(
      installedServers.map(async (name) => {
        const wanted = { width: 8, each: 60, offsetsMs, random: seededRandom(seed) };
        const { sent, failed, lost, doubled } = await stack.send(name, wanted);
        const failures = Object.entries(failed).map(([word, times]) => `${times} × ${word}`);
        const words = failures.length === 0 ? "none failed" : failures.join(", ");
        console.log(`posts: ${name}: ${sent} sent, ${words}, ${lost} lost, ${doubled} doubled`);
        return failures.length === 0 && lost === 0 && doubled === 0;
      }),
    );
    return !results.includes(false);
  } finally {
    await stack.stop();
  }
}
