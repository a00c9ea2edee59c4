/**
 * `postrider outbox ...`: its commands, their options and their help.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseRate } from "../bulk/rate.js";
import type { CommandContext } from "../command-context.js";
import { addServerOptions, SERVER_HELP } from "../server/server-options.js";
import { addSigningOptions } from "../server/signing-options.js";
import { count, date, tag } from "../terminal/values.js";

const HELP = `
Examples:
  postrider outbox stats --database file:mail.db
  postrider outbox list --database postgres://app@db.example.org/app --state failed
  postrider outbox run --database file:mail.db --server smtp://relay.example.org
  postrider outbox resolve 0199d2c4-93f1-7aa0-b5c3-0f2d6f1c9a71 --as sent

The database is --database or POSTRIDER_DATABASE: file:mail.db, or postgres://... . "migrate" alone makes files and tables.

Exit codes: 0, 64 usage, 65 not possible in this state, 66 no such message or file, 69 tables or a driver are missing, 75 the database is
away, or the outbox is paused.`;

const STATES = ["waiting", "sending", "delivered", "partly-delivered", "failed", "unknown", "cancelled"];
const EVENTS = [
  ...["enqueued", "accepted", "deferred", "refused", "expired", "suppressed", "cancelled", "unknown", "bounced"],
  ...["late", "paused", "resumed"],
];

export function addOutboxCommand(program: Command, context: CommandContext): void {
  const outbox = program.command("outbox").description("mail that a database remembers: what waits, what became of it");
  outbox.addHelpText("after", HELP);
  const add = (name: string, description: string): Command =>
    outbox
      .command(name)
      .description(description)
      .option("--database <url>", "file:mail.db or postgres://...; else POSTRIDER_DATABASE")
      .option("--schema <name>", "the schema, or the prefix of the tables in SQLite (default: postrider)")
      .option("--json", "print JSON", false);
  /** What `run` is given: the options, and the argument if the command has one. */
  const act = <Options>(
    command: Command,
    run: (tool: Tool, options: Options, argument: string) => Promise<void>,
  ): void => {
    command.action(async (...given: unknown[]) => {
      const [argument, options] = typeof given[0] === "string" ? [given[0], given[1]] : ["", given[0]];
      await run(await import("./run-outbox.js"), options as Options, argument);
      context.finish(0);
    });
  };

  act<Parameters<Tool["migrateTables"]>[0]>(
    add("migrate", "make or update the tables").addOption(
      new Option("--print <dialect>", "print the statements instead").choices(["postgres", "sqlite"]),
    ),
    (tool, options) => tool.migrateTables(options),
  );
  addRun(add("run", "deliver what is due, until Ctrl-C"), context);
  act<Parameters<Tool["listMessages"]>[0]>(addFilter(add("list", "messages, the newest first")), (tool, options) =>
    tool.listMessages(options),
  );
  act<Parameters<Tool["showMessage"]>[0]>(
    add("show <id>", "one message, its recipients and its events").option(
      "--source",
      "print the message as it is sent instead",
      false,
    ),
    (tool, options, id) => tool.showMessage(options, id),
  );
  act<Parameters<Tool["printEvents"]>[0]>(
    add("events", "what happened, in order; with --json an object a line")
      .option("--after <id>", "only those behind this one, as --json told its id")
      .addOption(
        new Option("--type <type>", "only these; may be repeated")
          .choices(EVENTS)
          .default([])
          .argParser((value, before: readonly string[]) => [...before, oneOf(value, EVENTS)]),
      )
      .option("--follow", "go on with what happens, until Ctrl-C", false),
    (tool, options) => tool.printEvents(options),
  );
  act<Parameters<Tool["retryMessage"]>[0]>(
    add("retry <id>", "send it now, also after a refusal"),
    (tool, options, id) => tool.retryMessage(options, id),
  );
  act<Parameters<Tool["cancelMessage"]>[0]>(add("cancel <id>", "take back what was not sent"), (tool, options, id) =>
    tool.cancelMessage(options, id),
  );
  act<Parameters<Tool["resolveMessage"]>[0]>(
    add("resolve <id>", "decide about an unknown outcome")
      .addOption(new Option("--as <decision>", "what is done").choices(["resend", "sent"]).makeOptionMandatory())
      .option("--recipient <address>", "only this one"),
    (tool, options, id) => tool.resolveMessage(options, id),
  );
  act<Parameters<Tool["suppressAddress"]>[0]>(
    add("suppress <address>", "send nothing to this address any more")
      .option("--reason <text>", "why")
      .option("--remove", "take it off the list", false),
    (tool, options, address) => tool.suppressAddress(options, address),
  );
  act<Parameters<Tool["listSuppressions"]>[0]>(
    add("suppressions", "the addresses to which nothing is sent"),
    (tool, options) => tool.listSuppressions(options),
  );
  act<Parameters<Tool["pauseAll"]>[0]>(
    add("pause", "stop every worker").option("--reason <text>", "why"),
    (tool, options) => tool.pauseAll(options),
  );
  act<Parameters<Tool["resumeAll"]>[0]>(add("resume", "end every pause"), (tool, options) => tool.resumeAll(options));
  act<Parameters<Tool["showStats"]>[0]>(add("stats", "counts by state and by domain"), (tool, options) =>
    tool.showStats(options),
  );
  act<Parameters<Tool["purgeContent"]>[0]>(
    add("purge", "remove the content of finished messages; their outcome stays")
      .requiredOption("--before <date>", "of those that were enqueued before, such as 2026-01-31", date)
      .option("--events", "also the events of that time", false)
      .option("--messages", "also the messages, with their outcome and their key", false),
    (tool, options) => tool.purgeContent(options),
  );
}

type Tool = typeof import("./run-outbox.js");

function addFilter(command: Command): Command {
  return command
    .addOption(new Option("--state <state>", "only these").choices(STATES))
    .option("--recipient <address>", "only those to this address")
    .option("--domain <domain>", "only those to this domain")
    .option("--key <key>", "the one with this key")
    .option("--tag <name=value>", "only those with this tag; may be repeated", tag, [])
    .option("--after <date>", "only those that were enqueued at or after it", date)
    .option("--before <date>", "only those that were enqueued before it, such as 2026-01-31 or 2026-01-31T12:00Z", date)
    .addOption(new Option("--order <order>", "which come first").choices(["newest", "oldest"]).default("newest"))
    .option("--limit <number>", "most that are printed", count, 100);
}

function addRun(command: Command, context: CommandContext): void {
  addSigningOptions(addServerOptions(command))
    .option("--rate <rate>", "at most so many, over all workers with this rate: 10/s, 600/m, 5000/h", parseRate)
    .option("--connections <number>", "connections at the same time", count, 5)
    .option("--until-empty", "end when nothing is due any more", false)
    .addHelpText("after", SERVER_HELP)
    .action(async (options: import("./run-worker.js").RunOptions) => {
      const { runWorker } = await import("./run-worker.js");
      context.finish(await runWorker(options));
    });
}

function oneOf(value: string, choices: readonly string[]): string {
  if (!choices.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
  return value;
}
