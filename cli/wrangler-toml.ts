/**
 * What the commands need of `wrangler.toml`, so that plain workerd runs with the same date, flags and objects as
 * Cloudflare and `weir deploy` can say what is not declared. Wrangler itself validates the file; here a part that
 * has another shape than expected is read as absent.
 */
import { readFileSync } from "node:fs";
import { parse, TomlError, type TomlTable, type TomlValue } from "smol-toml";
import { ExpectedError } from "./expected-error.ts";
import { wranglerFile } from "./project.ts";

export interface ObjectBinding {
  readonly binding: string;
  readonly className: string;
  /** What the class was called when it was new: plain workerd keeps what its objects store under this name. */
  readonly firstName: string;
}

export interface WranglerToml {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly durableObjects: readonly ObjectBinding[];
  readonly vars: Readonly<Record<string, string>>;
  /** `[secrets] required`: names only, the values are Cloudflare's. */
  readonly secrets: readonly string[];
  /** Bindings that an origin can be reached through: those with a `fetch`. */
  readonly fetchers: readonly string[];
}

/** The sections whose bindings have a `fetch`. */
const fetcherSections = ["services", "vpc_services", "vpc_networks", "mtls_certificates"];

/**
 * Reads the file.
 * @param environment of `wrangler deploy --env NAME`: bindings, vars and secrets are then those of `[env.NAME]`,
 *   which inherits none of them.
 * @throws ExpectedError if it cannot be read, is no TOML or has no such environment.
 */
export function readWranglerToml(environment?: string, file = wranglerFile): WranglerToml {
  return parseWranglerToml(readFileSync(file, "utf8"), environment);
}

/** The same, from its text. */
export function parseWranglerToml(source: string, environment?: string): WranglerToml {
  const root = parseToml(source);
  const section = environment === undefined ? root : environmentOf(root, environment);
  return {
    compatibilityDate: text(section["compatibility_date"] ?? root["compatibility_date"]) ?? "",
    compatibilityFlags: texts(section["compatibility_flags"] ?? root["compatibility_flags"]),
    durableObjects: tables(table(section["durable_objects"])["bindings"]).flatMap((entry) => {
      const [binding, className] = [text(entry["name"]), text(entry["class_name"])];
      if (binding === undefined || className === undefined) return [];
      return [
        {
          binding,
          className,
          firstName: firstNameOf(className, section["migrations"] ?? root["migrations"]),
        },
      ];
    }),
    vars: Object.fromEntries(
      Object.entries(table(section["vars"])).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    ),
    secrets: texts(table(section["secrets"])["required"]),
    fetchers: fetcherSections.flatMap((name) =>
      tables(section[name]).flatMap((entry) => text(entry["binding"]) ?? []),
    ),
  };
}

/** Follows the migrations that rename classes, from the last one back. */
function firstNameOf(className: string, migrations: TomlValue | undefined): string {
  const renames = tables(migrations).flatMap((migration) => tables(migration["renamed_classes"]));
  return renames.reduceRight((name, { from, to }) => (to === name ? (text(from) ?? name) : name), className);
}

function parseToml(source: string): TomlTable {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ExpectedError(`wrangler.toml is not valid TOML: ${error.message.trim()}`);
  }
}

function environmentOf(root: TomlTable, environment: string): TomlTable {
  const found = table(root["env"])[environment];
  if (found === undefined) {
    throw new ExpectedError(
      `wrangler.toml has no environment "${environment}".`,
      `Add an [env.${environment}] section, or leave out --env.`,
    );
  }
  return table(found);
}

const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

const table = (value: TomlValue | undefined): TomlTable => (isTable(value) ? value : {});

const tables = (value: TomlValue | undefined): readonly TomlTable[] =>
  Array.isArray(value) ? value.filter(isTable) : [];

const text = (value: TomlValue | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

const texts = (value: TomlValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
