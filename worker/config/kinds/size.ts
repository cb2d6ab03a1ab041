/** Sizes as a config writes them: a whole number and its unit. KB is 1000 bytes and KiB is 1024 (IEC 80000-13). */

const bytesPer: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** The size in bytes; `undefined` if the text is none. */
export function parseSize(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,12})([KMG]?i?B)$/.exec(text) ?? [];
  const bytes = bytesPer[unit];
  return count === undefined || bytes === undefined ? undefined : Number(count) * bytes;
}
