/** What is written of a section, where it is not just switched. */
export type WrittenSection<T> = Exclude<T, boolean | undefined>;

/** A switchable section of a config: `true` is all defaults, `false` is off. */
export function switched<T extends object>(
  written: T | boolean | undefined,
  byDefault: boolean,
): Partial<T> | undefined {
  const section = written ?? byDefault;
  if (section === true) return {};
  return section === false ? undefined : section;
}
