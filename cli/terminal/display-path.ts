import { relative, resolve } from "node:path";

/** The path as a person would type it from here. */
export function displayPath(file: string): string {
  const path = relative("", resolve(file));
  return path.startsWith("..") ? resolve(file) : path;
}
