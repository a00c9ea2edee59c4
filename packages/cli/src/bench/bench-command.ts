/**
 * `postrider bench`: its options and its help.
 */
import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { addServerOptions } from "../server/server-options.js";
import { count } from "../terminal/values.js";
import type { BenchOptions } from "./run-bench.js";

const HELP = `
Examples:
  postrider bench smtp://127.0.0.1:1025
  postrider bench smtp://127.0.0.1:1025 --messages 10000 --connections 10 --size 50000 --json
  postrider bench smtp://mail.test.example.org:25 --yes --from load@example.org --to sink@test.example.org

It sends real messages, as many as you say, to a server of your own. One that is not this machine needs --yes, --from and --to.

Exit codes: 0 every message was accepted, 64 usage, 69 some were refused, 75 no connection.`;

export function addBenchCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("bench")
    .description("measure how many messages a server of your own takes")
    .argument("[url]", "smtp://, smtps:// or lmtp://host:port, in place of --server")
    .option("-n, --messages <number>", "how many", count, 1000)
    .option("-c, --connections <number>", "connections at the same time", count, 5)
    .option("--in-flight <number>", "messages on the way at the same time on each", count, 16)
    .option("--size <bytes>", "bytes of a message", count, 1000)
    .option("-f, --from <address>", "the envelope sender (default on this machine: bench@example.org)")
    .option("--to <address>", "the recipient (default on this machine: sink@example.org)");
  addServerOptions(command)
    .option("--yes", "send that many messages to a server that is not this machine", false)
    .option("--json", "print the result as JSON", false)
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: BenchOptions) => {
      const { runBench } = await import("./run-bench.js");
      context.finish(await runBench(url, options));
    });
}
