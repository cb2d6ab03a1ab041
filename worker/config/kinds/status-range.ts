/** Statuses that a probe accepts: one (`204`, `"204"`) or a range with both its ends (`"200-399"`). */

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** The range that a text or number stands for; `undefined` if it is none, or not within 100–599. */
export function parseStatusRange(written: string | number): StatusRange | undefined {
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(written)) ?? [];
  return from !== undefined && Number(from) <= Number(to)
    ? { from: Number(from), to: Number(to) }
    : undefined;
}
