/**
 * `postrider inbox`: its options and its help.
 */
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { count, port } from "../terminal/values.js";
import type { InboxCommandOptions } from "./run-inbox.js";

const HELP = `
Examples:
  postrider inbox
  postrider inbox --store ./mail --smtp-port 2525
  postrider inbox --tls starttls --certificate ca.pem --auth
  postrider inbox --smtp-port 0 --web-port 0 --json     # any free ports, told as JSON

It takes every message and sends none on. Each that arrives is a line on stdout. Ctrl-C ends it.

Exit codes: 0 ended by a signal, 64 usage, 69 a port or path is taken, 73 the certificate cannot be written.`;

export function addInboxCommand(program: Command, context: CommandContext): void {
  program
    .command("inbox")
    .description("an SMTP server for development, with a page that shows what arrives")
    .option("--smtp-port <port>", "where it takes mail; 0 is any free port", port, 1025)
    .option("--web-port <port>", "where the page is; 0 is any free port", port, 8025)
    .option("--no-web", "no page")
    .option("--host <address>", "127.0.0.1, ::1 or localhost: nobody but this machine", "127.0.0.1")
    .option("--socket <path>", "a Unix socket as well")
    .option("--store <folder>", "keep the messages in a Maildir")
    .option("--auth", "offer to log in, and take any name and password", false)
    .addOption(new Option("--tls <how>", "with a certificate made at start").choices(["starttls", "implicit"]))
    .option("--certificate <file>", "write that certificate here, for those who are to trust it")
    .option("--lmtp", "speak LMTP", false)
    .option("--max-messages <number>", "keep so many, the oldest go first (default: 1000)", count)
    .option("--json", "print where it is, and every message, as a line of JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: InboxCommandOptions) => {
      const { runInbox } = await import("./run-inbox.js");
      context.finish(await runInbox(options));
    });
}
