/** weir.config.ts of the set-up, as a user writes it: the servers, how much each can do at once, and that sessions stay. */
import { join, relative } from "node:path";
import { projectDir } from "../../../cli/project.ts";
import { slotsOf, type Instance, type Setup } from "./setup.ts";

export function weirConfig(setup: Setup): string {
  const origins = (pool: Instance["pool"]): string =>
    setup.instances
      .filter((instance) => instance.pool === pool)
      .map(
        ({ name, port }) =>
          `            { name: "${name}", url: "http://127.0.0.1:${port}", maxConns: ${slotsOf(setup)} },`,
      )
      .join("\n");
  const defineConfig = relative(setup.folder, join(projectDir, "worker/config/define-config.ts"));
  return `import { defineConfig } from "${defineConfig}";

export default defineConfig({
  target: "workerd",
  upstreams: {
    site: {
      pools: [
        {
          name: "home",
          origins: [
            // maxConns: uWSGI's workers × threads.
${origins("home")}
          ],
        },
        {
          name: "cloud",
          origins: [
${origins("cloud")}
          ],
        },
      ],
      sticky: true,
    },
  },
  routes: [{ upstream: "site" }],
});
`;
}
