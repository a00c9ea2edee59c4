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

--database or POSTRIDER_DATABASE names the database: file:mail.db or postgres://... . Only "migrate" creates files and tables.

Exit codes: 0, 64 usage, 65 not possible in this state, 66 message or file not found, 69 missing tables or database driver, 75 the
database cannot be reached, or the outbox is paused.`;

const STATES = ["waiting", "sending", "delivered", "partly-delivered", "failed", "unknown", "cancelled"];
const EVENTS = [
  ...["enqueued", "accepted", "deferred", "refused", "expired", "suppressed", "cancelled", "unknown", "bounced"],
  ...["late", "paused", "resumed"],
];

export function addOutboxCommand(program: Command, context: CommandContext): void {
  const outbox = program.command("outbox").description("manage an outbox: messages that are queued in a database");
  outbox.addHelpText("after", HELP);
  const add = (name: string, description: string): Command =>
    outbox
      .command(name)
      .description(description)
      .option("--database <url>", "file:mail.db or postgres://... (default: POSTRIDER_DATABASE)")
      .option("--schema <name>", "database schema, or table prefix in SQLite (default: postrider)")
      .option("--json", "print the result as JSON", false);
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
    add("migrate", "create or update the tables").addOption(
      new Option("--print <dialect>", "print the SQL statements and change nothing").choices(["postgres", "sqlite"]),
    ),
    (tool, options) => tool.migrateTables(options),
  );
  addRun(add("run", "deliver due messages until Ctrl-C"), context);
  act<Parameters<Tool["listMessages"]>[0]>(addFilter(add("list", "list messages, newest first")), (tool, options) =>
    tool.listMessages(options),
  );
  act<Parameters<Tool["showMessage"]>[0]>(
    add("show <id>", "show a message with its recipients and events").option(
      "--source",
      "print the message source instead",
      false,
    ),
    (tool, options, id) => tool.showMessage(options, id),
  );
  act<Parameters<Tool["printEvents"]>[0]>(
    add("events", "list events in order; with --json, one object per line")
      .option("--after <id>", "list only events after this event ID (see --json)")
      .addOption(
        new Option("--type <type>", "list only events of this type; repeatable")
          .choices(EVENTS)
          .default([])
          .argParser((value, before: readonly string[]) => [...before, oneOf(value, EVENTS)]),
      )
      .option("--follow", "keep printing new events until Ctrl-C", false),
    (tool, options) => tool.printEvents(options),
  );
  act<Parameters<Tool["retryMessage"]>[0]>(
    add("retry <id>", "make a message due now, even if it was rejected or has expired"),
    (tool, options, id) => tool.retryMessage(options, id),
  );
  act<Parameters<Tool["cancelMessage"]>[0]>(
    add("cancel <id>", "cancel a message that has not been sent yet"),
    (tool, options, id) => tool.cancelMessage(options, id),
  );
  act<Parameters<Tool["resolveMessage"]>[0]>(
    add("resolve <id>", "resolve a message whose outcome is unknown")
      .addOption(
        new Option("--as <decision>", "resend the message, or record it as sent")
          .choices(["resend", "sent"])
          .makeOptionMandatory(),
      )
      .option("--recipient <address>", "resolve only this recipient"),
    (tool, options, id) => tool.resolveMessage(options, id),
  );
  act<Parameters<Tool["suppressAddress"]>[0]>(
    add("suppress <address>", "stop sending to an address")
      .option("--reason <text>", "reason to record")
      .option("--remove", "remove the address from the suppression list", false),
    (tool, options, address) => tool.suppressAddress(options, address),
  );
  act<Parameters<Tool["listSuppressions"]>[0]>(add("suppressions", "list suppressed addresses"), (tool, options) =>
    tool.listSuppressions(options),
  );
  act<Parameters<Tool["pauseAll"]>[0]>(
    add("pause", "pause all workers").option("--reason <text>", "reason to record"),
    (tool, options) => tool.pauseAll(options),
  );
  act<Parameters<Tool["resumeAll"]>[0]>(add("resume", "end all pauses"), (tool, options) => tool.resumeAll(options));
  act<Parameters<Tool["showStats"]>[0]>(add("stats", "count messages by state and by domain"), (tool, options) =>
    tool.showStats(options),
  );
  act<Parameters<Tool["purgeContent"]>[0]>(
    add("purge", "delete the content of finished messages; keep their outcomes")
      .requiredOption("--before <date>", "purge only messages enqueued before this date, such as 2026-01-31", date)
      .option("--events", "also delete the events before that date", false)
      .option("--messages", "also delete the messages, with their outcomes and keys", false),
    (tool, options) => tool.purgeContent(options),
  );
}

type Tool = typeof import("./run-outbox.js");

function addFilter(command: Command): Command {
  return command
    .addOption(new Option("--state <state>", "list only messages in this state").choices(STATES))
    .option("--recipient <address>", "list only messages to this address")
    .option("--domain <domain>", "list only messages to this domain")
    .option("--key <key>", "list only the message with this key")
    .option("--tag <name=value>", "list only messages with this tag; repeatable", tag, [])
    .option("--after <date>", "list only messages enqueued at or after this date", date)
    .option(
      "--before <date>",
      "list only messages enqueued before this date, such as 2026-01-31 or 2026-01-31T12:00Z",
      date,
    )
    .addOption(new Option("--order <order>", "sort order").choices(["newest", "oldest"]).default("newest"))
    .option("--limit <number>", "maximum number of messages to print", count, 100);
}

function addRun(command: Command, context: CommandContext): void {
  addSigningOptions(addServerOptions(command))
    .option(
      "--rate <rate>",
      "maximum messages per second, minute or hour, over all workers with this rate: 10/s, 600/m, 5000/h",
      parseRate,
    )
    .option("--connections <number>", "number of parallel connections", count, 5)
    .option("--until-empty", "exit when no message is due", false)
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
