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

The first line of the data names the columns; a template uses them as {{ name }} (Liquid). A Markdown or HTML template begins with
its fields (an .eml is a message as a mail program saves it: its texts, fields and names of attachments are filled):

  ---
  From: Ann <ann@example.org>
  To: {{ name }} <{{ email }}>
  Subject: Hello {{ name }}
  ---
  Dear {{ name }}, ...

A place that an empty cell leaves empty is warned of; --require name makes such rows bad ones.

With --journal a run can be killed at any moment and started again with the same words: nobody gets a second copy. Rows whose
outcome is unknown are listed, and sent again only with --resend-unknown.

With --outbox nothing is sent: the mails are handed to the outbox of a database ("postrider outbox"), whose workers send them. The same
command again hands over nothing twice; another --key does.
${SERVER_HELP}

Exit codes: 0 every row was accepted, 64 usage, 65 bad rows or a journal of another run, 66 a file is missing, 69 some were refused,
74 some are unknown, 75 some may be tried again, 77 credentials refused, 130 interrupted.`;

export function addBulkCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("bulk")
    .description("send a mail to every row of a CSV file")
    .argument("<data.csv>", "the rows, in UTF-8; the first line names the columns")
    .requiredOption("--template <file>", "the mail: .md, .html or .eml")
    .option("-f, --from <template>", "the author, in place of the template's")
    .option("--to <template>", "whom a row goes to (default: the template's, else {{ email }})")
    .option("-S, --subject <template>", "the subject, in place of the template's")
    .option("-a, --attach <file>", "attach a file to every mail; may be repeated", collect, [])
    .option("--delimiter <sign>", "what stands between fields (default: a comma)", delimiter)
    .option("--journal <file>", "write down what was sent, to go on after an interruption")
    .option("--resend-unknown", "send the rows again of which nobody knows whether they were delivered", false)
    .option("--require <columns>", "columns that must not be empty in any row, with commas; may be repeated", names, [])
    .option("--skip-bad", "leave out rows that are malformed or make no mail", false)
    .option("--rate <rate>", "at most so many: 10/s, 600/m, 5000/h", parseRate)
    .option("--connections <number>", "connections at the same time", count, 5);
  addOutboxOptions(addSigningOptions(addServerOptions(command)))
    .option("--report <file.html>", "write the report as a page with a chart")
    .option("--dry-run", "send the first rows to the inbox of this machine, and nothing to anybody else", false)
    .option("--rows <number>", "how many rows of a dry run", count, 5)
    .option("--inbox-port <port>", "where the inbox listens; 0 opens one of its own", port, 1025)
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
      "hand the mails to the outbox in file:mail.db or postgres://..., and send nothing",
    ).conflicts(OF_SENDING),
    new Option("--schema <name>", "the schema, or the prefix of the tables in SQLite (default: postrider)"),
    new Option("--key <text>", "begins the keys of the rows; default: made of the data, the template and the options"),
    new Option("--send-at <date>", "not before, such as 2026-01-31T12:00Z").argParser(date),
    new Option("--priority <number>", "9 goes first, -9 last (default: 0)").argParser(priority),
    new Option("--tag <name=value>", "a tag of every mail; may be repeated").argParser(tag).default([]),
  ];
  for (const option of options) command.addOption(option.helpGroup("With the outbox:"));
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
  if (given.includes("")) throw new InvalidArgumentError("It must be names of columns, such as name,city.");
  return [...before, ...given];
}

/** One sign; `\t` is a tab, which is hard to type. */
function delimiter(text: string): string {
  return text === "\\t" || text === "tab" ? "\t" : text;
}
