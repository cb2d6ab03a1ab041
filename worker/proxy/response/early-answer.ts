/**
 * An origin's answer that comes while its client is still sending. As long as the origin takes the upload it gets it; when it takes no
 * more, or has answered in full, what the client still sends is read on and dropped (`lingering.ts`). The slot is not kept for that.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { Lingerer } from "./lingering.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";

/** So long an upload may still go on behind the answer: with most it is over by then, and only not yet known to be. */
const lateUploadMs: Millis = 100;

export type Upload = Pick<PreparedRequest, "platform" | "uploaded" | "isUploaded" | "takeBack">;

export interface EarlyAnswer {
  readonly upload: Upload;
  /** Cuts the connection to the origin. */
  readonly abort: () => void;
  readonly lingerer: Lingerer;
  /** It says its length. */
  readonly isWhole: boolean;
}

/** Whether an answer has come before all of the upload was handed on. At the edge that is the platform's to see to. */
export const isEarly = ({ uploaded, isUploaded, platform }: Upload): boolean =>
  uploaded() !== undefined && !isUploaded() && platform !== "edge";

/** Resolves when the client may be let go. @param ended settles when the origin's answer is over. */
export async function takeRest(early: EarlyAnswer, ended: Promise<unknown>): Promise<void> {
  const { upload, abort, lingerer, isWhole } = early;
  const answered = ended.then(() => new Promise((resolve) => setTimeout(resolve, lateUploadMs)));
  await Promise.race([upload.uploaded(), answered]);
  if (upload.isUploaded()) return;
  const rest = upload.takeBack();
  // The answer may still be coming.
  void ended.then(abort);
  if (rest !== undefined) await lingerer.drop(rest, isWhole);
}
