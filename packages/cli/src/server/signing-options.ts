/**
 * Signing by DKIM: whose key, and where it lies.
 */
import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { DkimSigner } from "postrider";
import { cannotRead, usageError } from "../cli-error.js";
import { warn } from "../terminal/output.js";

export interface SigningOptions {
  readonly dkimKey?: string | undefined;
  readonly dkimDomain?: string | undefined;
  readonly dkimSelector?: string | undefined;
}

/** Adds `--dkim-key`, `--dkim-domain` and `--dkim-selector`. */
export function addSigningOptions(command: Command): Command {
  return command
    .option("--dkim-key <file>", "sign with the DKIM private key in this PEM file")
    .option("--dkim-domain <domain>", "DKIM signing domain")
    .option("--dkim-selector <name>", "DKIM selector: the name of the key in DNS");
}

/** The option for the library; none when nothing is to be signed. @throws CliError, OptionError */
export async function readSigner(options: SigningOptions): Promise<{ readonly dkim?: DkimSigner }> {
  const { dkimKey: file, dkimDomain: domain, dkimSelector: selector } = options;
  if (file === undefined && domain === undefined && selector === undefined) return {};
  if (file === undefined || domain === undefined || selector === undefined) {
    throw usageError("--dkim-key, --dkim-domain and --dkim-selector must be given together");
  }
  const privateKey = await readKey(file);
  const dkim = new DkimSigner({ domain, selector, privateKey });
  await dkim.ready();
  return { dkim };
}

async function readKey(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      warn(`other users can read ${file}: run chmod 600 ${file}`);
    return await readFile(file, "utf8");
  } catch (error) {
    throw cannotRead("the key", file, error);
  }
}
