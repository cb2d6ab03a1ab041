/** Authorities of one's own: read where Node reads them, and missed aloud. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { extraAuthorities } from "../../../cli/local/extra-authorities.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-authorities-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";

test("without the variable there are none", async () => {
  expect(await extraAuthorities({})).toEqual([]);
  expect(await extraAuthorities({ NODE_EXTRA_CA_CERTS: "" })).toEqual([]);
});

test("the file's certificates are taken as they are", async () => {
  const file = join(folder, "ca.pem");
  await writeFile(file, pem);
  expect(await extraAuthorities({ NODE_EXTRA_CA_CERTS: file })).toEqual([pem]);
});

test.each(["missing.pem", "empty.pem"])("%s is refused, with what was found and expected", async (name) => {
  await writeFile(join(folder, "empty.pem"), "");
  const file = join(folder, name);
  await expect(extraAuthorities({ NODE_EXTRA_CA_CERTS: file })).rejects.toThrow(
    `NODE_EXTRA_CA_CERTS: found ${file}, expected a readable file of PEM certificates`,
  );
});
