/** What may be retried: `"connect"`, `"timeout"`, or the status of an answer, 400–599 (`"503"`). */
import type { RetryCause } from "../../../core/model/upstream.ts";
import { text } from "./fields.ts";

const expected = '"connect", "timeout", or a status from 400 to 599, such as "503"';

export const retryCause = text(expected, (written): RetryCause | undefined => {
  if (written === "connect" || written === "timeout") return written;
  return /^[45]\d\d$/.test(written) ? `${Number(written)}` : undefined;
}).meta({ examples: ["connect", "timeout", "503"], pattern: String.raw`^(connect|timeout|[45]\d\d)$` });
