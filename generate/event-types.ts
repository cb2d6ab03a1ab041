/**
 * The types of events (`core/telemetry/events.ts`, and a request's in `worker/telemetry/`), read from their source: each interface with
 * its fields and their comments. The files are in the project's format, so a field stands on lines of its own, its comment above it.
 */

export interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  /** Markdown. */
  readonly prose: string;
}

export interface EventType {
  readonly name: string;
  /** Markdown: what has happened. */
  readonly prose: string;
  readonly fields: readonly Field[];
}

interface Declaration {
  readonly prose: string;
  /** The interfaces that it extends, and what it leaves out of them. */
  readonly parents: readonly string[];
  readonly omitted: readonly string[];
  readonly body: string;
}

const comment = String.raw`(?:\/\*\*(?<prose>(?:[^*]|\*(?!\/))*)\*\/\s*)?`;
const interfacePattern = new RegExp(
  String.raw`^${comment}(?:export )?interface (?<name>\w+)(?: extends (?<parents>[^{]+?))? \{\n(?<body>.*?)^\}`,
  "gms",
);
const fieldPattern = new RegExp(
  String.raw`^  ${comment}(?:readonly )?(?<name>\w+)(?<optional>\?)?:\s+(?<type>[^;]+);`,
  "gm",
);

/**
 * The events that are declared in the sources, in their order.
 * @throws for a field that no comment says anything of: it would be in the log, and its reader would not know what it is.
 */
export function eventTypesIn(sources: readonly string[]): readonly EventType[] {
  const declarations = new Map<string, Declaration>();
  for (const source of sources) {
    for (const { groups = {} } of source.matchAll(interfacePattern)) {
      const { prose = "", name = "", parents = "", body = "" } = groups;
      const omitted = Array.from(parents.matchAll(/"(\w+)"/g), ([, key = ""]) => key);
      const names = parents.replaceAll(/Omit<(\w+), [^>]+>/g, "$1").split(/,\s*/);
      declarations.set(name, { prose: onOneLine(prose), parents: names.filter(Boolean), omitted, body });
    }
  }
  const parents = new Set(Array.from(declarations.values()).flatMap((declaration) => declaration.parents));
  return Array.from(declarations).flatMap(([interfaceName, declaration]) => {
    if (parents.has(interfaceName)) return [];
    const fields = fieldsOf(declaration, declarations);
    const kind = fields.find(({ name }) => name === "event")?.type.slice(1, -1);
    return kind === undefined
      ? []
      : [{ name: kind, prose: declaration.prose, fields: described(kind, fields) }];
  });
}

interface TypedField extends Field {
  readonly type: string;
}

/** With those of its parents, which come first but for the kind. */
function fieldsOf(
  { parents, omitted, body }: Declaration,
  all: ReadonlyMap<string, Declaration>,
): TypedField[] {
  const inherited = parents.flatMap((name) => {
    const parent = all.get(name);
    return parent === undefined ? [] : fieldsOf(parent, all);
  });
  const own = Array.from(body.matchAll(fieldPattern), ({ groups = {} }): TypedField => {
    const { prose = "", name = "", optional, type = "" } = groups;
    return { name, isOptional: optional !== undefined, prose: onOneLine(prose), type };
  });
  return [...inherited.filter(({ name }) => !omitted.includes(name)), ...own];
}

function described(event: string, fields: readonly TypedField[]): readonly Field[] {
  const shown = fields.filter(({ name, type }) => name !== "event" && type !== "undefined");
  const bare = shown.find(({ prose }) => prose === "");
  if (bare !== undefined) throw new Error(`no comment says what ${bare.name} of the event ${event} is`);
  return shown.map(({ name, isOptional, prose }) => ({ name, isOptional, prose }));
}

const onOneLine = (prose: string): string => prose.replaceAll(/\s*\n\s*\* ?/g, " ").trim();
