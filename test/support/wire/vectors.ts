/** All vectors, as they are sent and published. */
import { chunks } from "./vectors/chunks.ts";
import { codings } from "./vectors/codings.ts";
import { hosts } from "./vectors/hosts.ts";
import { lengths } from "./vectors/lengths.ts";
import { lines } from "./vectors/lines.ts";
import { methods, targets } from "./vectors/targets.ts";
import type { Group } from "./vector.ts";

export const groups: readonly Group[] = [lengths, codings, chunks, lines, targets, methods, hosts];
