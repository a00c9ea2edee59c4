/**
 * `postrider bulk`: its options and its help.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { addServerOptions, SERVER_HELP } from "../server/server-options.js";
import { addSigningOptions } from "../server/signing-options.js";
import { collect, count, date, port, tag } from "../terminal/values.js";
import type { BulkOptions } from "./bulk-options.js";
import { parseRate } from "./rate.js";

const HELP = `
Examples:
  postrider bulk people.csv --template hello.md --dry-run
  postrider bulk people.csv --template hello.md --profile work --journal hello.journal --rate 10/s
  postrider bulk people.csv --template hello.eml --profile work --journal hello.journal --report hello.html
  postrider bulk people.csv --template hello.md --outbox file:mail.db --send-at 2026-12-01T08:00Z

The first line of the CSV file names the columns; a template uses them as {{ name }} (Liquid). A Markdown or HTML template begins
with its header fields:

  ---
  From: Ann <ann@example.org>
  To: {{ name }} <{{ email }}>
  Subject: Hello {{ name }}
  ---
  Dear {{ name }}, ...

An .eml template is a message saved by a mail program: placeholders are replaced in its bodies, header fields and attachment names.

The command warns of placeholders that an empty cell leaves empty; with --require name, such rows are errors.

With --journal, a run can be killed at any moment and started again with the same command line: nobody gets a second copy. Rows
whose outcome is unknown are listed, and sent again only with --resend-unknown.

With --outbox, the command sends nothing: it enqueues the messages in a database, and the workers of that outbox send them (see
"postrider outbox"). Running the same command again enqueues nothing twice, unless it has another --key.
${SERVER_HELP}

Exit codes: 0 every row was accepted, 64 usage, 65 invalid rows or the journal of another run, 66 file not found, 69 some
rows were rejected, 74 some outcomes are unknown, 75 some rows failed temporarily, 77 login failed, 130 interrupted.`;

export function addBulkCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("bulk")
    .description("send one message for each row of a CSV file")
    .argument("<data.csv>", "CSV file in UTF-8; the first line names the columns")
    .requiredOption("--template <file>", "message template: .md, .html or .eml")
    .option("-f, --from <template>", "author, in place of the template's From")
    .option("--to <template>", "recipients of a row (default: the template's To, or {{ email }})")
    .option("-S, --subject <template>", "subject line, in place of the template's")
    .option(
      "-a, --attach <file>",
      'attach a file to every message: "report.pdf;name=Report.pdf;type=..."; repeatable',
      collect,
      [],
    )
    .option("--delimiter <sign>", "field separator, such as ';' or tab (default: a comma)", delimiter)
    .option("--journal <file>", "record each outcome, to resume after an interruption")
    .option("--resend-unknown", "resend rows whose outcome is unknown; recipients may get a second copy", false)
    .option("--require <columns>", "columns that must not be empty; comma-separated list, repeatable", names, [])
    .option("--skip-bad", "skip rows that are malformed or produce no valid message", false)
    .option(
      "--rate <rate>",
      "maximum messages per second, minute or hour: 10/s, 600/m, 5000/h (default: no limit)",
      parseRate,
    )
    .option("--connections <number>", "number of parallel connections", count, 5);
  addOutboxOptions(addSigningOptions(addServerOptions(command)))
    .option("--report <file.html>", "write an HTML report with a chart")
    .option("--dry-run", "send the first rows to a local inbox only", false)
    .option("--rows <number>", "number of rows to send in a dry run", count, 5)
    .option("--inbox-port <port>", "SMTP port of the local inbox of a dry run; 0 always starts a new one", port, 1025)
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(async (data: string, options: BulkOptions) => {
      const { runBulk } = await import("./run-bulk.js");
      context.finish(await runBulk(data, options));
    });
}

/** What is about sending; the workers of the outbox are told it. */
const OF_SENDING = [
  ...["server", "profile", "user", "passwordCommand", "tokenCommand", "auth", "tls", "starttls", "insecure", "ca"],
  ...["cert", "certKey", "proxy", "helo", "timeout", "dkimKey", "dkimDomain", "dkimSelector"],
  ...["journal", "resendUnknown", "rate", "connections", "report"],
];

function addOutboxOptions(command: Command): Command {
  const options = [
    new Option(
      "--outbox <url>",
      "enqueue the messages in this outbox (file:mail.db or postgres://...) and send nothing",
    ).conflicts(OF_SENDING),
    new Option("--schema <name>", "database schema, or table prefix in SQLite (default: postrider)"),
    new Option(
      "--key <text>",
      "prefix of the rows' idempotency keys (default: a hash of the data, the template and the options)",
    ),
    new Option("--send-at <date>", "send no earlier than this date, such as 2026-01-31T12:00Z").argParser(date),
    new Option("--priority <number>", "priority from -9 (last) to 9 (first) (default: 0)").argParser(priority),
    new Option("--tag <name=value>", "tag of every message; repeatable").argParser(tag).default([]),
  ];
  for (const option of options) command.addOption(option.helpGroup("Outbox options:"));
  return command;
}

function priority(text: string): number {
  const value = /^-?\d$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new InvalidArgumentError("It must be a whole number from -9 to 9.");
  return value;
}

/** `name,city`. */
function names(value: string, before: readonly string[]): readonly string[] {
  const given = value.split(",").map((name) => name.trim());
  if (given.includes("")) throw new InvalidArgumentError("It must be column names, such as name,city.");
  return [...before, ...given];
}

/** One sign; `\t` is a tab, which is hard to type. */
function delimiter(text: string): string {
  return text === "\\t" || text === "tab" ? "\t" : text;
}
