/** Writes the files of a set-up into its folder, which its owner alone may read: Weir will keep the token of its API there. */
import { mkdir, writeFile } from "node:fs/promises";
import { nginxConf } from "./nginx-conf.ts";
import { filesOf, type Setup } from "./setup.ts";
import { supervisorConf } from "./supervisor-conf.ts";
import { uwsgiIni } from "./uwsgi-ini.ts";
import { weirConfig } from "./weir-config.ts";

export async function writeSetup(setup: Setup): Promise<void> {
  const files = filesOf(setup);
  for (const folder of [setup.folder, files.records, files.logs])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  const texts = [
    [files.supervisor, supervisorConf(setup)],
    [files.uwsgi, uwsgiIni(setup)],
    [files.nginx, nginxConf(setup)],
    [files.weir, weirConfig(setup)],
  ] as const;
  for (const [file, text] of texts) await writeFile(file, text, { mode: 0o600 });
}
