#!/usr/bin/env node
// @ts-check
/**
 * `npx @postrider/inbox`: the process around the command.
 */
import { runInboxCommand } from "../dist/command/run-command.js";

const ended = new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
});

process.exitCode = await runInboxCommand(process.argv.slice(2), {
  print: (line) => console.log(line),
  tell: (line) => console.log(line),
  complain: (line) => console.error(line),
  ended,
});
