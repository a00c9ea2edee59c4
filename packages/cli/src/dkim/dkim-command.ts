/**
 * `postrider dkim keygen`: its options and its help.
 */
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import type { KeygenOptions } from "./run-keygen.js";

const HELP = `
Examples:
  postrider dkim keygen --domain example.org --selector mail
  postrider dkim keygen --domain example.org --selector mail-ed --algorithm ed25519 --out /etc/mail/dkim-ed.pem

The private key is written to a file that only you can read. The record is printed: publish it in DNS under its name, then sign
with the key (the guide's page on DKIM shows how). A key that exists is never overwritten.

Exit codes: 0, 64 usage, 73 the file exists or cannot be written, 77 no permission to write it.`;

export function addDkimCommand(program: Command, context: CommandContext): void {
  program
    .command("dkim")
    .description("keys for DKIM signatures")
    .command("keygen")
    .description("make a key, and the DNS record that goes with it")
    .requiredOption("-d, --domain <domain>", "the domain that signs")
    .requiredOption("--selector <name>", "the name of this key among those of the domain")
    .addOption(new Option("--algorithm <name>", "what the key is for").choices(["rsa", "ed25519"]).default("rsa"))
    .addOption(new Option("--bits <number>", "size of an RSA key (default: 2048)").choices(["2048", "3072", "4096"]))
    .option("-o, --out <file>", "the file of the private key (default: <selector>.<domain>.pem)")
    .option("--json", "print the record as JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: KeygenOptions) => {
      const { runKeygen } = await import("./run-keygen.js");
      context.finish(await runKeygen(options));
    });
}
