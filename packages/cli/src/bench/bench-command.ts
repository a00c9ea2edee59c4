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

The command sends real messages: use it only with a server of your own. A server on another machine requires --yes, --from and --to.

Exit codes: 0 every message was accepted, 64 usage, 69 some were rejected, 75 no connection.`;

export function addBenchCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("bench")
    .description("measure the throughput of your own server")
    .argument("[url]", "smtp://, smtps:// or lmtp://host:port, in place of --server")
    .option("-n, --messages <number>", "number of messages to send", count, 1000)
    .option("-c, --connections <number>", "number of parallel connections", count, 5)
    .option("--in-flight <number>", "number of messages in flight on each connection", count, 16)
    .option("--size <bytes>", "size of each message in bytes", count, 1000)
    .option("-f, --from <address>", "envelope sender (default for a local server: bench@example.org)")
    .option("--to <address>", "recipient (default for a local server: sink@example.org)");
  addServerOptions(command)
    .option("--yes", "confirm a server on another machine", false)
    .option("--json", "print the result as JSON", false)
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: BenchOptions) => {
      const { runBench } = await import("./run-bench.js");
      context.finish(await runBench(url, options));
    });
}
