/**
 * `postrider inbox`: the command of the package @postrider/inbox, with its flags.
 */
import type { InboxOutbox } from "@postrider/inbox";
import { INBOX_FLAGS, runInboxCommand } from "@postrider/inbox/command";
import { type Command, Option } from "commander";
import { usageError } from "../cli-error.js";
import type { CommandContext } from "../command-context.js";
import { interruption } from "../stop.js";
import { note } from "../terminal/output.js";

const HELP = `
Examples:
  postrider inbox
  postrider inbox --store ./mail --smtp-port 2525
  postrider inbox --tls starttls --write-cert ca.pem --auth any
  postrider inbox --outbox file:mail.db                 # with a tab that shows the outbox
  postrider inbox --smtp-port 0 --web-port 0 --json     # any free ports, printed as JSON

The inbox accepts every message and delivers none. It prints a line to stdout for each message. Ctrl-C stops it.

Exit codes: 0 stopped by a signal, 64 usage, 66 file not found, 69 a port or path is in use, 73 the certificate cannot be written.`;

export function addInboxCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("inbox")
    .description("start an SMTP server for development that shows every message on a web page");
  // What is given on the command line, in its order, for the inbox to read.
  const given: string[] = [];
  for (const { name, value, description, choices } of INBOX_FLAGS) {
    const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, description);
    if (choices !== undefined) option.choices(choices);
    command.addOption(option);
    command.on(`option:${option.name()}`, (text: string | null) => {
      given.push(value === undefined ? `--${name}` : `--${name}=${text ?? ""}`);
    });
  }
  command
    .option("--outbox <url>", "show this outbox (file:mail.db or postgres://...) in a tab of the page")
    .option("--schema <name>", "database schema of the outbox, or table prefix in SQLite (default: postrider)")
    .addHelpText("after", HELP)
    .action(async ({ outbox: url, schema }: { readonly outbox?: string; readonly schema?: string }) => {
      if (schema !== undefined && url === undefined) throw usageError("--schema needs --outbox");
      const surroundings = { print: printLine, tell: note, complain: note, ended: interruption() };
      if (url === undefined) return context.finish(await runInboxCommand(given, surroundings));
      // PERF: an inbox alone loads no driver of a database.
      const { withOutbox } = await import("../outbox/open-database.js");
      const run = (outbox: InboxOutbox) => runInboxCommand(given, { ...surroundings, outbox });
      context.finish(await withOutbox({ url, by: "--outbox", schema }, run));
    });
}

/** The inbox gives lines that are printable, and JSON, in which other escapes would be wrong. */
function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
