/** `npm run servers`: installs what the tests beside other servers need (`debian.ts`), where Debian's packages can be installed. */
import { installPackages } from "../support/debian-program.ts";
import { isInstalled, packages } from "./debian.ts";

const isMissing = Object.values(isInstalled).includes(false);
if (isMissing && !installPackages(packages)) {
  console.error(
    `Not installed: ${packages.join(", ")}. As root on a Debian: apt-get install ${packages.join(" ")}`,
  );
  process.exitCode = 1;
}
