/**
 * The expression that a config's module exports, without running it: the literal that was written, not what became of it. Node
 * strips types by putting spaces in their place, so that every offset in the JavaScript is the offset in the TypeScript.
 */
import { stripTypeScriptTypes } from "node:module";
import { parse, type Expression, type ModuleDeclaration, type Program, type Statement } from "acorn";

export interface ModuleLiteral {
  /** The module declares, imports and exports, and does nothing else: what is written is not changed afterwards. */
  readonly isDeclarative: boolean;
  readonly exported: Expression;
  /** An expression, or of a constant of the module what it was given, and of `defineConfig(…)` its argument. */
  readonly resolve: (expression: Expression) => Expression;
}

/** @returns `undefined` if the module cannot be read, or exports nothing that is written as a value. */
export function moduleLiteral(text: string, isTypeScript: boolean): ModuleLiteral | undefined {
  const statements = parsed(text, isTypeScript)?.body ?? [];
  const constants = new Map(statements.flatMap(constantsIn));
  const identities = new Set(statements.flatMap(identitiesIn));
  const exports = statements.map((statement) => exportedBy(statement, constants));
  const exported = exports.findLast((expression) => expression !== undefined);
  if (exported === undefined) return undefined;
  return {
    exported,
    isDeclarative: statements.every(
      ({ type }, index) => type.endsWith("Declaration") || exports[index] !== undefined,
    ),
    resolve: (expression) => resolved(expression, constants, identities),
  };
}

function parsed(text: string, isTypeScript: boolean): Program | undefined {
  try {
    const script = isTypeScript ? withoutTypes(text) : text;
    if (script.length !== text.length) return undefined;
    return parse(script, { ecmaVersion: "latest", sourceType: "module", allowReturnOutsideFunction: true });
  } catch {
    // Node has run it, but this is another parser, and newer syntax may be unknown to it.
    return undefined;
  }
}

/** Without the warning that the function is experimental, which says nothing to the user of a config. */
function withoutTypes(text: string): string {
  const emitWarning: unknown = Reflect.get(process, "emitWarning");
  Reflect.set(process, "emitWarning", () => {});
  try {
    return stripTypeScriptTypes(text);
  } finally {
    Reflect.set(process, "emitWarning", emitWarning);
  }
}

type TopLevel = Statement | ModuleDeclaration;

/** Constants alone: a variable may hold something else by the time of the export. */
function constantsIn(statement: TopLevel): [string, Expression][] {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") return [];
  return declaration.declarations.flatMap(({ id, init }) =>
    id.type === "Identifier" && init ? [[id.name, init] as [string, Expression]] : [],
  );
}

/** What the module calls the function that returns its argument as it is. */
function identitiesIn(statement: TopLevel): string[] {
  if (statement.type !== "ImportDeclaration") return [];
  return statement.specifiers.flatMap((specifier) =>
    specifier.type === "ImportSpecifier" && nameOf(specifier.imported) === "defineConfig"
      ? [specifier.local.name]
      : [],
  );
}

const nameOf = (name: { readonly name: string } | { readonly value?: unknown }): unknown =>
  "name" in name ? name.name : name.value;

/** `export default VALUE`, `export { VALUE as default }`, `module.exports = VALUE`. */
function exportedBy(statement: TopLevel, constants: ReadonlyMap<string, Expression>): Expression | undefined {
  if (statement.type === "ExportDefaultDeclaration") {
    const { declaration } = statement;
    if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration")
      return undefined;
    return declaration;
  }
  if (statement.type === "ExportNamedDeclaration" && !statement.source) {
    const specifier = statement.specifiers.find(({ exported }) => nameOf(exported) === "default");
    return constants.get(String(specifier && nameOf(specifier.local)));
  }
  if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression")
    return undefined;
  const { left, right, operator } = statement.expression;
  const isExport =
    operator === "=" &&
    left.type === "MemberExpression" &&
    left.object.type === "Identifier" &&
    left.object.name === "module" &&
    left.property.type === "Identifier" &&
    left.property.name === "exports" &&
    !left.computed;
  return isExport ? right : undefined;
}

function resolved(
  expression: Expression,
  constants: ReadonlyMap<string, Expression>,
  identities: ReadonlySet<string>,
): Expression {
  const seen = new Set<Expression>();
  for (let found = expression; ;) {
    seen.add(found);
    const next = found.type === "Identifier" ? constants.get(found.name) : argumentOf(found, identities);
    if (next === undefined || seen.has(next)) return found;
    found = next;
  }
}

function argumentOf(expression: Expression, identities: ReadonlySet<string>): Expression | undefined {
  if (expression.type !== "CallExpression" || expression.callee.type !== "Identifier") return undefined;
  const [argument, ...more] = expression.arguments;
  const isIdentity = identities.has(expression.callee.name) && more.length === 0;
  return isIdentity && argument?.type !== "SpreadElement" ? argument : undefined;
}
