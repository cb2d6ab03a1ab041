/** Statuses, one (`204`, `"204"`) or a range with both its ends (`"200-399"`). */
import * as z from "zod";

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

/** What is expected where statuses from `least` to 599 are. */
export const statusExpected = (least: 100 | 400): string =>
  least === 100
    ? 'a status or a range of them within 100-599, such as 204, "204" or "200-399"'
    : 'a status or a range of them within 400-599, such as 404, "404" or "500-599"';

/** Statuses of which none is below `least`. */
export function statusRange(least: 100 | 400) {
  const expected = statusExpected(least);
  return z
    .union([z.string(), z.number()], { error: expected })
    .transform((written, context) => {
      const range = parseStatusRange(written);
      if (range !== undefined && range.from >= least) return range;
      context.addIssue({ code: "custom", message: expected });
      return z.NEVER;
    })
    .meta({
      examples: least === 100 ? [204, "204", "200-399"] : [404, "404", "500-599"],
      pattern: String.raw`^[1-5]\d\d(-[1-5]\d\d)?$`,
    });
}
