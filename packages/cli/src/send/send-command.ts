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

--attach and --inline take a file and what should be said of it: "file;type=...;name=...;id=...;description=...".
--inline logo.png is shown where the HTML has <img src="cid:logo.png">.

On a terminal it asks for what is missing; in a pipe that is an error.
${SERVER_HELP}

Exit codes: 0 taken for all recipients, 64 usage, 65 bad address or message, 66 a file is missing, 69 refused, 74 outcome
unknown, 75 try again later, 77 credentials refused. When only some recipients are refused, they are named, and the code is
69 or 75.`;

export function addSendCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("send")
    .description("send one message")
    .argument("[recipients...]", "who gets it, as --to")
    .option("-f, --from <address>", "the author")
    .option(
      "-t, --recipients-from-headers",
      "take a whole message from stdin (or --raw), and its recipients from To, Cc and Bcc",
      false,
    );
  for (const [flags, text] of REPEATABLE) command.option(flags, text, collect, []);
  command
    .option("--sender <address>", 'envelope sender; "" is the null sender (default: --from)')
    .option("-S, --subject <text>", "the subject")
    .option("--text <text>", 'the text; "-" reads it from stdin')
    .option("--text-file <file>", "the text, from a file in UTF-8")
    .option("--html <file>", 'the HTML, from a file in UTF-8; "-" reads stdin')
    .option("--html-text", "make the text from the HTML", false)
    .option("--inline-images", "take the pictures of this machine that the HTML shows into the message", false)
    .option("--raw <file>", 'a whole message, sent as it is; "-" reads stdin');
  addSigningOptions(addServerOptions(command))
    .addOption(
      new Option("--quit-after <step>", "end after this step and send nothing: what would the server say?").choices(
        STEPS,
      ),
    )
    .option("--dry-run", "print the message, send nothing", false)
    .option("--trace", "show the dialogue with the server on stderr, without secrets", false)
    .option("--json", "print the result as JSON", false)
    .addHelpText("after", HELP)
    .action(async (recipients: readonly string[], options: SendCommandOptions) => {
      const { runSend } = await import("./run-send.js");
      context.finish(await runSend({ ...options, to: [...options.to, ...recipients] }));
    });
}

/** May be given several times; addresses also as a list with commas. */
const REPEATABLE: readonly (readonly [flags: string, text: string])[] = [
  ["--to <address>", "a recipient; may be repeated, or be a list with commas"],
  ["--cc <address>", "a recipient of a copy"],
  ["--bcc <address>", "a recipient whom the others do not see"],
  ["--reply-to <address>", "where answers go"],
  ["-a, --attach <file>", 'attach a file: "report.pdf;name=Report.pdf;type=..."; may be repeated'],
  ["--inline <file>", 'a picture that the HTML shows as cid:: "logo.png;id=logo"; may be repeated'],
  ["-H, --header <name:value>", "a further header; may be repeated"],
];
