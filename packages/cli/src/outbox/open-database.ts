/**
 * Opens the outbox in the database that the command line names, and says what is wrong in the words of the command line.
 */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outbox, openOutbox } from "@postrider/outbox";
import { isSmtpError, type SmtpPool } from "postrider";
import { CliError, systemCode, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";

/** Where the outbox is, as the command line gives it. */
export interface Place {
  /** `file:` or `postgres:`. */
  readonly url: string;
  /** What named it: `--database`, `POSTRIDER_DATABASE` or `--outbox`. */
  readonly by: string;
  readonly schema?: string | undefined;
}

export interface OpenOptions {
  /** Makes the tables, and the file. */
  readonly migrate?: boolean;
  readonly transport?: SmtpPool;
}

/** Opens the outbox for one piece of work. @throws CliError */
export async function withOutbox<T>(
  place: Place,
  work: (outbox: Outbox) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  const { migrate = false } = options;
  checkFile(place, migrate);
  const outbox = await withoutSqliteWarning(() =>
    openOutbox({ database: place.url, schema: place.schema, ...options, migrate }),
  ).catch((error: unknown) => {
    throw inWords(error, place);
  });
  try {
    return await work(outbox);
  } catch (error) {
    throw inWords(error, place);
  } finally {
    await outbox.close();
  }
}

/** QUIRK: Node says of node:sqlite, when it is loaded, that it is experimental; standard error is for what the command has to say. */
async function withoutSqliteWarning<T>(open: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = new Proxy(emitWarning, {
    apply: (target, self, given: unknown[]) =>
      /^SQLite is an experimental/.test(String(given[0])) ? undefined : Reflect.apply(target, self, given),
  });
  try {
    return await open();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A command that only looks makes no file, so that a misspelt name is an error. @throws CliError */
function checkFile({ url, by }: Place, mayMake: boolean): void {
  const file = fileOf(url);
  if (file === undefined) return;
  if (!existsSync(dirname(file))) throw new CliError(EXIT.noInput, `${by}: the folder ${dirname(file)} does not exist`);
  if (!mayMake && !existsSync(file))
    throw new CliError(
      EXIT.noInput,
      `${by}: the file ${file} does not exist; run "postrider outbox migrate" to create it`,
    );
}

/** Undefined: it is no file, or the outbox says what is wrong with the URL. */
function fileOf(url: string): string | undefined {
  if (!/^file:/i.test(url)) return undefined;
  const rest = url.slice("file:".length);
  if (rest === "" || /[?#\0]|^:memory:/.test(rest)) return undefined;
  try {
    return rest.startsWith("//") ? fileURLToPath(url) : resolve(decodeURIComponent(rest));
  } catch {
    return undefined;
  }
}

/** Options of the outbox, and what stands for them on the command line. */
const FLAGS: Readonly<Record<string, string>> = {
  schema: "--schema",
  id: "<id>",
  address: "<address>",
  reason: "--reason",
  recipient: "--recipient",
  domain: "--domain",
  key: "--key",
  tag: "--tag",
  tags: "--tag",
  priority: "--priority",
  after: "--after",
};

function inWords(error: unknown, { by }: Place): unknown {
  if (isSmtpError(error) && (error.code === "option" || error.code === "address")) {
    const field = error.code === "option" ? error.option : error.field;
    const [root = ""] = /^\w+/.exec(field) ?? [];
    const flag = root === "database" ? by : FLAGS[root];
    if (flag === undefined || !error.message.startsWith(field)) return error;
    const words = `${flag}${error.message.slice(field.length)}`;
    return error.code === "option" ? usageError(words) : new CliError(EXIT.data, words, { cause: error });
  }
  if (systemCode(error) === "schema-missing") {
    return new CliError(
      EXIT.unavailable,
      `${by}: the outbox tables of this database are missing or outdated: run "postrider outbox migrate"`,
      { cause: error },
    );
  }
  return error;
}
