/**
 * `postrider send`: its options and its help. What it does is loaded when it is asked for.
 */
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { addServerOptions, SERVER_HELP } from "../server/server-options.js";
import { addSigningOptions } from "../server/signing-options.js";
import { collect } from "../terminal/values.js";
import { type SendCommandOptions, STEPS } from "./send-options.js";

const HELP = `
Examples:
  postrider send --server smtp://127.0.0.1:1025 --from ann@example.org --subject Hello --text "It works." bob@example.com
  df -h | postrider send --profile work --subject "Disks" --text - ops@example.org
  postrider send --profile work --subject Report --html report.html --html-text --inline-images bob@example.com \\
      --attach "report-0117.pdf;name=Report.pdf"
  pg_dump shop | gzip | postrider send --profile work --subject Backup --text "See below." \\
      --attach "-;name=shop.sql.gz;type=application/gzip" ops@example.org
  postrider send --profile work --raw message.eml bob@example.com
  postrider send --profile work -t < message.eml
  postrider send --server mail.example.org --from ann@example.org --quit-after rcpt bob@example.org

--attach and --inline take a file with optional properties: "file;type=...;name=...;id=...;description=...".
--inline logo.png appears where the HTML contains <img src="cid:logo.png">.

On a terminal, the command prompts for missing values. In a pipe, a missing value is an error.
${SERVER_HELP}

Exit codes: 0 accepted for all recipients, 64 usage, 65 invalid address or message, 66 file not found, 69 rejected, 74 outcome
unknown, 75 temporary failure, 77 login failed. If only some recipients are rejected, the command lists them and exits with 69
or 75.`;

export function addSendCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("send")
    .description("send one message")
    .argument("[recipients...]", "recipient addresses, same as --to")
    .option("-f, --from <address>", "author address")
    .option(
      "-t, --recipients-from-headers",
      "read a complete message from stdin or --raw, and take the recipients from To, Cc and Bcc",
      false,
    );
  for (const [flags, text] of REPEATABLE) command.option(flags, text, collect, []);
  command
    .option("--sender <address>", 'envelope sender; "" is the null sender (default: the author)')
    .option("-S, --subject <text>", "subject line")
    .option("--text <text>", 'plain-text body; "-" reads it from stdin')
    .option("--text-file <file>", "read the plain-text body from a UTF-8 file")
    .option("--html <file>", 'read the HTML body from a UTF-8 file; "-" reads stdin')
    .option("--html-text", "generate the plain-text body from the HTML", false)
    .option("--inline-images", "embed the local images that the HTML references", false)
    .option("--raw <file>", 'send this complete message file unchanged; "-" reads stdin');
  addSigningOptions(addServerOptions(command))
    .addOption(new Option("--quit-after <step>", "stop after this SMTP step and send no message").choices(STEPS))
    .option("--dry-run", "print the message and send nothing", false)
    .option("--trace", "print the SMTP dialogue to stderr, without secrets", false)
    .option("--json", "print the result as JSON", false)
    .addHelpText("after", HELP)
    .action(async (recipients: readonly string[], options: SendCommandOptions) => {
      const { runSend } = await import("./run-send.js");
      context.finish(await runSend({ ...options, to: [...options.to, ...recipients] }));
    });
}

/** May be given several times; addresses also as a list with commas. */
const REPEATABLE: readonly (readonly [flags: string, text: string])[] = [
  ["--to <address>", "recipient; comma-separated list, repeatable"],
  ["--cc <address>", "Cc recipient; comma-separated list, repeatable"],
  ["--bcc <address>", "Bcc recipient, hidden from the others; comma-separated list, repeatable"],
  ["--reply-to <address>", "address for replies; comma-separated list, repeatable"],
  ["-a, --attach <file>", 'attach a file: "report.pdf;name=Report.pdf;type=..."; repeatable'],
  ["--inline <file>", 'embed an image that the HTML shows as cid:logo: "logo.png;id=logo"; repeatable'],
  ["-H, --header <name:value>", "additional header; repeatable"],
];
