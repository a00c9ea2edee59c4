/**
 * What `postrider dkim keygen` does.
 *
 * RFC 6376 §3.6.1 (the record), §3.6.2.1 (its name); RFC 8301 §3.2 (2048 bits); RFC 1035 §3.3 (strings of a record).
 */
import { generateKeyPair } from "node:crypto";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { DkimSigner, type DkimSignerOptions, dkimDnsRecord, isSmtpError } from "postrider";
import { cannotWrite, usageError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { note, print, printJson } from "../terminal/output.js";

export interface KeygenOptions {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: "rsa" | "ed25519";
  readonly bits?: string | undefined;
  readonly out?: string | undefined;
  readonly json: boolean;
}

const DEFAULT_BITS = 2048;

/** A string of a TXT record has at most so many characters. */
const MAX_STRING = 255;

export async function runKeygen(options: KeygenOptions): Promise<ExitCode> {
  const { domain, selector, algorithm } = options;
  if (algorithm === "ed25519" && options.bits !== undefined) throw usageError("--bits applies only to --algorithm rsa");
  const privateKey = await makeKey(algorithm, options.bits === undefined ? DEFAULT_BITS : Number(options.bits));
  await check({ domain, selector, privateKey });
  const file = options.out ?? `${selector}.${domain}.pem`;
  const name = `${selector}._domainkey.${domain}`;
  const value = await dkimDnsRecord(privateKey);
  await writePrivate(file, privateKey);
  note(`private key saved in ${file}, readable only by you`);
  if (options.json) printJson({ name, type: "TXT", value, file, algorithm });
  else print(zoneLine(name, value));
  note("publish this TXT record; providers with a web form take the text without quotes and parentheses, in one piece");
  return EXIT.ok;
}

/** The library knows what may be a domain and a selector; the key is tried as well. @throws CliError with the flags of this command */
async function check(options: DkimSignerOptions): Promise<void> {
  try {
    await new DkimSigner(options).ready();
  } catch (error) {
    throw isSmtpError(error) ? usageError(`--${error.message}`) : error;
  }
}

async function makeKey(algorithm: KeygenOptions["algorithm"], bits: number): Promise<string> {
  const make = promisify(generateKeyPair);
  const pair = algorithm === "rsa" ? await make("rsa", { modulusLength: bits }) : await make("ed25519");
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** SECURITY: made with mode 0600, not changed to it later; and made anew, so that nobody holds it open already. */
async function writePrivate(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw cannotWrite("the key", file, error);
  }
}

/** A line of a zone file. */
function zoneLine(name: string, value: string): string {
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += MAX_STRING)
    strings.push(`"${value.slice(start, start + MAX_STRING)}"`);
  return `${name}. IN TXT ${strings.length === 1 ? strings[0] : `( ${strings.join(" ")} )`}`;
}
