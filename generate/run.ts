/** `npm run generate`: writes the files that are made from the config's sections, the events and the counters, and says which have changed. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedFiles } from "./files.ts";

for (const { path, isStale, text } of await generatedFiles()) {
  const file = join(import.meta.dirname, "..", path);
  await mkdir(dirname(file), { recursive: true });
  if (isStale) await writeFile(file, text);
  console.log(`${isStale ? "changed  " : "unchanged"}  ${path}`);
}
