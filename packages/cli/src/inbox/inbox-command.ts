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
  postrider inbox --outbox file:mail.db                 # with a tab that shows what a program owes
  postrider inbox --smtp-port 0 --web-port 0 --json     # any free ports, told as JSON

It takes every message and sends none on. Each that arrives is a line on stdout. Ctrl-C ends it.

Exit codes: 0 ended by a signal, 64 usage, 66 no such file, 69 a port or path is taken, 73 the certificate cannot be written.`;

export function addInboxCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("inbox")
    .description("an SMTP server for development, with a page that shows what arrives");
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
    .option("--outbox <url>", "show the outbox in file:mail.db or postgres://... in a tab of the page")
    .option("--schema <name>", "its schema, or the prefix of its tables in SQLite (default: postrider)")
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
