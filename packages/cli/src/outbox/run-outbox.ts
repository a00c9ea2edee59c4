/**
 * What the commands of `postrider outbox` do, but for `run`.
 */
import { once } from "node:events";
import {
  migrationSql,
  NotFoundError,
  type Outbox,
  type OutboxEventType,
  type OutboxFilter,
  type OutboxMessage,
  WrongStateError,
} from "@postrider/outbox";
import { usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { Stop } from "../stop.js";
import { note, print, printJson, printText } from "../terminal/output.js";
import { printableJson } from "../terminal/printable.js";
import { type Place, withOutbox } from "./open-database.js";
import { count, eventLine, messageLine, messageLines, statsLines } from "./words.js";

export interface PlaceOptions {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
}

export interface OutboxCommandOptions extends PlaceOptions {
  readonly json: boolean;
}

/** @throws CliError when nothing names the database */
export function placeOf({ database, schema }: PlaceOptions): Place {
  const { POSTRIDER_DATABASE } = process.env;
  if (database !== undefined && database !== "") return { url: database, by: "--database", schema };
  if (POSTRIDER_DATABASE === undefined || POSTRIDER_DATABASE === "")
    throw usageError("no database: give --database or POSTRIDER_DATABASE");
  return { url: POSTRIDER_DATABASE, by: "POSTRIDER_DATABASE", schema };
}

const onOutbox = <T>(options: PlaceOptions, work: (outbox: Outbox) => Promise<T>): Promise<T> =>
  withOutbox(placeOf(options), work);

/** What was done: a sentence for people, a value for programs. */
function tell({ json }: OutboxCommandOptions, sentence: string, value: object): void {
  if (json) printJson(value);
  else note(sentence);
}

export async function migrateTables(
  options: OutboxCommandOptions & { readonly print?: "postgres" | "sqlite" | undefined },
): Promise<void> {
  if (options.print !== undefined) {
    process.stdout.write(migrationSql(options.print, options.schema));
    return;
  }
  const done = async (): Promise<void> => tell(options, "The tables are up to date", { tables: "up to date" });
  await withOutbox(placeOf(options), done, { migrate: true });
}

export interface ListOptions
  extends OutboxCommandOptions,
    Pick<OutboxFilter, "state" | "recipient" | "domain" | "key"> {
  readonly tag: readonly (readonly [name: string, value: string])[];
  readonly after?: Date | undefined;
  readonly before?: Date | undefined;
  readonly order: "newest" | "oldest";
  readonly limit: number;
}

export async function listMessages(options: ListOptions): Promise<void> {
  const { state, recipient, domain, key, after, before, order, limit } = options;
  const tag = options.tag.length === 0 ? undefined : Object.fromEntries(options.tag);
  await onOutbox(options, async (outbox) => {
    const found: OutboxMessage[] = [];
    let isMore = false;
    for await (const message of outbox.find({ state, recipient, domain, key, tag, after, before, order })) {
      isMore = found.length === limit;
      if (isMore) break;
      found.push(message);
    }
    if (options.json) printJson(found);
    else for (const message of found) print(messageLine(message));
    const others = order === "newest" ? "--before older" : "--after younger";
    if (isMore) note(`The ${order} ${limit} are shown; --limit shows more, ${others} ones`);
  });
}

export async function showMessage(
  options: OutboxCommandOptions & { readonly source: boolean },
  id: string,
): Promise<void> {
  if (options.source && options.json) throw usageError("--source and --json cannot be combined");
  await onOutbox(options, async (outbox) => {
    if (options.source) return printSource(outbox, id);
    const message = await existing(outbox, id);
    const events = await outbox.history(id);
    if (options.json) printJson({ ...message, events });
    else for (const line of messageLines(message, events)) print(line);
  });
}

/** SECURITY: the bytes of a message may control a terminal; there, each line is made printable. */
async function printSource(outbox: Outbox, id: string): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of outbox.content(id)) {
    if (process.stdout.isTTY === true) parts.push(part);
    // A reader that stops early is no failure; what else is wrong with the output is told once for every command.
    else if (process.stdout.destroyed) return;
    else if (!process.stdout.write(part)) await once(process.stdout, "drain").catch(() => undefined);
  }
  if (parts.length > 0) printText(Buffer.concat(parts).toString().replaceAll("\r\n", "\n").trimEnd());
}

async function existing(outbox: Outbox, id: string): Promise<OutboxMessage> {
  const message = await outbox.get(id);
  if (message === undefined) throw new NotFoundError(id);
  return message;
}

export interface EventsOptions extends OutboxCommandOptions {
  readonly after?: string | undefined;
  readonly type: readonly OutboxEventType[];
  readonly follow: boolean;
}

/** A line for each; with `--json` an object for each, so that a program can read them as they come. */
export async function printEvents(options: EventsOptions): Promise<void> {
  const { after, type, follow } = options;
  await onOutbox(options, async (outbox) => {
    using stop = new Stop(
      () => undefined,
      () => process.exit(EXIT.interrupted),
    );
    const types = type.length === 0 ? undefined : type;
    for await (const event of outbox.events({ after, types, follow, signal: stop.signal })) {
      if (stop.signal.aborted) return;
      if (options.json) process.stdout.write(`${printableJson(event)}\n`);
      else print(eventLine(event));
    }
  });
}

export async function retryMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await onOutbox(options, async (outbox) => {
    await outbox.retry(id);
    await tellMessage(options, outbox, id);
  });
}

export async function cancelMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await onOutbox(options, async (outbox) => {
    if (!(await outbox.cancel(id)))
      throw new WrongStateError("Too late: the message is being sent or already has its outcome");
    await tellMessage(options, outbox, id);
  });
}

export async function resolveMessage(
  options: OutboxCommandOptions & { readonly as: "resend" | "sent"; readonly recipient?: string | undefined },
  id: string,
): Promise<void> {
  await onOutbox(options, async (outbox) => {
    await outbox.resolve(id, options.as, options.recipient);
    await tellMessage(options, outbox, id);
  });
}

async function tellMessage({ json }: OutboxCommandOptions, outbox: Outbox, id: string): Promise<void> {
  const message = await existing(outbox, id);
  if (json) printJson(message);
  else print(messageLine(message));
}

export async function suppressAddress(
  options: OutboxCommandOptions & { readonly reason?: string | undefined; readonly remove: boolean },
  address: string,
): Promise<void> {
  const { remove, reason } = options;
  await onOutbox(options, (outbox) => (remove ? outbox.unsuppress(address) : outbox.suppress(address, reason)));
  const words = remove ? "Mail goes to this address again" : "Nothing goes to this address any more";
  tell(options, words, { address, suppressed: !remove });
}

export async function listSuppressions(options: OutboxCommandOptions): Promise<void> {
  await onOutbox(options, async (outbox) => {
    const found = [];
    for await (const one of outbox.suppressions()) found.push(one);
    if (options.json) printJson(found);
    else
      for (const { address, reason = "", at } of found) print(`${at.toISOString()}  ${address}  ${reason}`.trimEnd());
  });
}

export async function pauseAll(
  options: OutboxCommandOptions & { readonly reason?: string | undefined },
): Promise<void> {
  await onOutbox(options, (outbox) => outbox.pause(options.reason));
  tell(options, 'All workers are paused; run "postrider outbox resume" to resume them', { paused: true });
}

export async function resumeAll(options: OutboxCommandOptions): Promise<void> {
  await onOutbox(options, (outbox) => outbox.resume());
  tell(options, "The workers are resumed", { paused: false });
}

export async function showStats(options: OutboxCommandOptions): Promise<void> {
  await onOutbox(options, async (outbox) => {
    const stats = await outbox.stats();
    if (options.json) printJson(stats);
    else for (const line of statsLines(stats)) print(line);
  });
}

export async function purgeContent(
  options: OutboxCommandOptions & { readonly before: Date; readonly events: boolean; readonly messages: boolean },
): Promise<void> {
  const { before, events, messages: whole } = options;
  await onOutbox(options, async (outbox) => {
    const messages = await outbox.purge({ before, events, messages: whole });
    if (options.json) printJson({ messages });
    else print(`Deleted the content of ${count(messages, "message")}`);
  });
}
