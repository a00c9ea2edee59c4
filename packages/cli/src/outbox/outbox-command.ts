/**
 * `postrider outbox ...`: its commands, their options and their help.
 */
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { addServerOptions, SERVER_HELP, type ServerOptions } from "../server/server-options.js";
import type { ListOptions, OutboxCommandOptions } from "./run-outbox.js";

const HELP = `
Examples:
  postrider outbox stats --database file:mail.db
  postrider outbox list --database postgres://app@db.example.org/app --state failed
  postrider outbox run --database file:mail.db --server smtp://relay.example.org
  postrider outbox resolve 0199d2c4-... --as sent

The database is --database or POSTRIDER_DATABASE: file:mail.db, or postgres://... . Tables are made by "migrate" alone.

Exit codes: 0, 64 usage, 65 not possible in this state, 66 no such message, 69 tables or a driver are missing, 75 the database is away.`;

const STATES = ["waiting", "sending", "delivered", "partly-delivered", "failed", "unknown", "cancelled"];

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
  const act = (
    command: Command,
    run: (tool: Tool, options: OutboxCommandOptions, id: string) => Promise<void>,
  ): void => {
    command.action(async (...given: unknown[]) => {
      const [id, options] = typeof given[0] === "string" ? [given[0], given[1]] : ["", given[0]];
      const tool = await import("./run-outbox.js");
      await run(tool, options as OutboxCommandOptions, id);
      context.finish(0);
    });
  };

  act(
    add("migrate", "make or update the tables").addOption(
      new Option("--print <dialect>", "print the statements instead").choices(["postgres", "sqlite"]),
    ),
    (tool, options) => tool.migrateTables(options),
  );
  act(
    addServerOptions(add("run", "deliver what is due, until Ctrl-C"))
      .option("--until-empty", "end when nothing is due any more", false)
      .addHelpText("after", SERVER_HELP),
    (tool, options) => tool.runWorker(options as OutboxCommandOptions & ServerOptions),
  );
  act(
    add("list", "messages, oldest first")
      .addOption(new Option("--state <state>", "only these").choices(STATES))
      .option("--recipient <address>", "only those to this address")
      .option("--domain <domain>", "only those to this domain")
      .option("--key <key>", "the one with this key")
      .option("--limit <number>", "most that are printed (default: 100)"),
    (tool, options) => tool.listMessages(options as ListOptions),
  );
  act(add("show <id>", "one message, its recipients and its events"), (tool, options, id) =>
    tool.showMessage(options, id),
  );
  act(add("retry <id>", "send it now, also after a refusal"), (tool, options, id) => tool.retryMessage(options, id));
  act(add("cancel <id>", "take back what was not sent"), (tool, options, id) => tool.cancelMessage(options, id));
  act(
    add("resolve <id>", "decide about an unknown outcome")
      .addOption(new Option("--as <decision>", "what is done").choices(["resend", "sent"]).makeOptionMandatory())
      .option("--recipient <address>", "only this one"),
    (tool, options, id) => tool.resolveMessage(options, id),
  );
  act(
    add("suppress <address>", "send nothing to this address any more")
      .option("--reason <text>", "why")
      .option("--remove", "take it off the list", false),
    (tool, options, address) => tool.suppressAddress(options, address),
  );
  act(add("pause", "stop every worker").option("--reason <text>", "why"), (tool, options) => tool.pauseAll(options));
  act(add("resume", "end every pause"), (tool, options) => tool.resumeAll(options));
  act(add("stats", "counts by state and by domain"), (tool, options) => tool.showStats(options));
  act(
    add("purge", "remove the content of finished messages; their outcome stays").requiredOption(
      "--before <date>",
      "of those that were enqueued before, such as 2026-01-31",
    ),
    (tool, options) => tool.purgeContent(options),
  );
}

type Tool = typeof import("./run-outbox.js");
