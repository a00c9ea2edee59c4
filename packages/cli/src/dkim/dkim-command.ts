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

The command writes the private key to a file that only you can read, and prints the DNS record. Publish the record under its name,
then sign with the key (see the guide's page on DKIM). An existing file is never overwritten.

Exit codes: 0, 64 usage, 73 the file exists or cannot be written, 77 no permission to write it.`;

export function addDkimCommand(program: Command, context: CommandContext): void {
  program
    .command("dkim")
    .description("manage DKIM keys")
    .command("keygen")
    .description("generate a DKIM key and its DNS record")
    .requiredOption("-d, --domain <domain>", "DKIM signing domain")
    .requiredOption("--selector <name>", "DKIM selector: the name of the key in DNS")
    .addOption(new Option("--algorithm <name>", "signature algorithm").choices(["rsa", "ed25519"]).default("rsa"))
    .addOption(
      new Option("--bits <number>", "size of an RSA key in bits (default: 2048)").choices(["2048", "3072", "4096"]),
    )
    .option("-o, --out <file>", "file to write the private key to (default: <selector>.<domain>.pem)")
    .option("--json", "print the record as JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: KeygenOptions) => {
      const { runKeygen } = await import("./run-keygen.js");
      context.finish(await runKeygen(options));
    });
}
