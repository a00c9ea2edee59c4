/**
 * `postrider check`: its options and its help.
 */
import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { addServerOptions, SERVER_HELP } from "../server/server-options.js";
import type { CheckOptions } from "./run-check.js";

const HELP = `
Examples:
  postrider check smtp://mail.example.org:587
  postrider check smtps://ann@mail.example.org       # also tries to log in
  postrider check --profile work --json | jq .tls.chain[0].daysLeft
${SERVER_HELP}

The command sends no message. With a user name it logs in, unless the certificate is invalid (--insecure logs in anyway). It warns
of missing TLS and of missing SMTP extensions.

Exit codes: 0, 64 usage, 69 invalid certificate or rejected by the server, 75 no connection, 77 login failed.`;

export function addCheckCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("check")
    .description("check a server: its capabilities, its TLS certificate and problems")
    .argument("[url]", "smtp://, smtps:// or lmtp://host:port, in place of --server");
  addServerOptions(command)
    .option("--trace", "print the SMTP dialogue to stderr, without secrets", false)
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: CheckOptions) => {
      const { runCheck } = await import("./run-check.js");
      context.finish(await runCheck(url, options));
    });
}
