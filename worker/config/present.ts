/** Options that are not written, as TypeScript's exact optional properties want them: not there, instead of `undefined`. */

/** The same values, those that may be `undefined` under keys that may be left out. */
export type Present<Values> = {
  [Key in keyof Values as undefined extends Values[Key] ? never : Key]: Values[Key];
} & {
  [Key in keyof Values as undefined extends Values[Key] ? Key : never]?: Exclude<Values[Key], undefined>;
};

/** A copy without the keys whose value is `undefined`. */
export function present<Values extends object>(values: Values): Present<Values> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys that are left out are optional in `Present`
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Present<Values>;
}
