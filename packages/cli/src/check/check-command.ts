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

It sends no message. With a user it logs in, unless the certificate does not hold (--insecure logs in all the same). A server without
TLS, and extensions that are missing, are warned of.

Exit codes: 0, 64 usage, 69 the certificate does not hold or the server refuses, 75 no connection, 77 credentials refused.`;

export function addCheckCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("check")
    .description("report what a server offers, its certificate, and what is wrong with it")
    .argument("[url]", "smtp://, smtps:// or lmtp://host:port, in place of --server");
  addServerOptions(command)
    .option("--trace", "show the dialogue with the server on stderr", false)
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: CheckOptions) => {
      const { runCheck } = await import("./run-check.js");
      context.finish(await runCheck(url, options));
    });
}
