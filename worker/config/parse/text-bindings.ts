/** Variables and secrets among the bindings, by name: what `${ENV:NAME}` may stand for. */
export function textBindings(bindings: object): (name: string) => string | undefined {
  const texts: ReadonlyMap<string, unknown> = new Map(Object.entries(bindings));
  return (name) => {
    const value = texts.get(name);
    return typeof value === "string" ? value : undefined;
  };
}
