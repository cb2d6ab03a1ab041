#!/usr/bin/env node
/**
 * `npx weir`: hands over to `weir.ts`, which needs Node 24. A host may have an older Node, so the project brings its
 * own (the npm package `node`), and this file, which any Node from 18 on understands, runs the command with it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { whenLauncherGone } from "./launcher.js";

const wanted = 24;
const command = fileURLToPath(new URL("weir.ts", import.meta.url));
const ownNode = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= wanted) {
  process.argv[1] = command;
  await import("./weir.ts");
} else if (existsSync(ownNode)) {
  runWith(ownNode);
} else {
  console.error(
    `weir: needs Node ${wanted}; this is ${process.version}, and the project's own is not installed.`,
  );
  console.error(`Run "npm ci" in the project, or use Node ${wanted}.`);
  process.exitCode = 1;
}

/** @param {string} node */
function runWith(node) {
  // The channel has no messages: it tells the command that this process has gone, even if by SIGKILL.
  const child = spawn(node, [command, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"])) {
    process.on(signal, () => child.kill(signal));
  }
  whenLauncherGone(() => child.kill("SIGTERM"));
  child.once("error", (error) => {
    console.error(`weir: ${node} could not be run: ${error.message}`);
    process.exitCode = 1;
  });
  child.once("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal ?? "SIGTERM"];
  });
}
