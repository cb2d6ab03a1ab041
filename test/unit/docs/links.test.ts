/** Links between the pages lead to files and headings that are there. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..", "..");
const pages = [".", "docs", "core", "examples/django-uwsgi"].flatMap((folder) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(project, folder, name)),
);

/** Without code blocks, in which `#` begins a comment and brackets are brackets. */
const proseOf = (page: string): string => readFileSync(page, "utf8").replaceAll(/^```.*?^```/gms, "");

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

function anchorsOf(page: string): Set<string> {
  return new Set(Array.from(proseOf(page).matchAll(/^#+ (.*)$/gm), ([, heading]) => anchorOf(heading ?? "")));
}

test.each(pages.map((page) => [relative(project, page), page] as const))("%s", (_name, page) => {
  const links = Array.from(proseOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link]) => link ?? "");
  const broken = links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
  });
  expect(broken).toEqual([]);
});
