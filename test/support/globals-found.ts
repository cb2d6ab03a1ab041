/** The globals that tests put false ones in the place of, as the process began with them: this is loaded once in it, before any test. */
const names = ["setTimeout", "clearTimeout", "setInterval", "Date", "fetch"] as const;

const found = names.map((name) => ({ name, value: globalThis[name] }));

/** Those that are others now. */
export const replacedGlobals = (): string[] =>
  found.flatMap(({ name, value }) => (globalThis[name] === value ? [] : [name]));
