/**
 * What the commands of `postrider outbox` do.
 */
import { once } from "node:events";
import { migrationSql, type Outbox, type OutboxFilter, type OutboxMessage, openOutbox } from "@postrider/outbox";
import { SmtpPool } from "postrider";
import { CliError, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { resolveServer, type ServerOptions } from "../server/server-options.js";
import { note, print, printJson } from "../terminal/output.js";

export interface OutboxCommandOptions {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  readonly json: boolean;
  readonly print?: "postgres" | "sqlite" | undefined;
  readonly untilEmpty?: boolean | undefined;
  readonly as?: "resend" | "sent" | undefined;
  readonly recipient?: string | undefined;
  readonly reason?: string | undefined;
  readonly remove?: boolean | undefined;
  readonly before?: string | undefined;
}

export interface ListOptions extends OutboxCommandOptions {
  readonly state?: OutboxFilter["state"];
  readonly domain?: string | undefined;
  readonly key?: string | undefined;
  readonly limit?: string | undefined;
}

function databaseOf({ database }: OutboxCommandOptions): string {
  const given = database ?? process.env["POSTRIDER_DATABASE"] ?? "";
  if (given === "") throw usageError("no database: give --database or POSTRIDER_DATABASE");
  return given;
}

/** Opens the outbox for one piece of work. */
async function withOutbox<T>(
  options: OutboxCommandOptions,
  work: (outbox: Outbox) => Promise<T>,
  more: { readonly migrate?: boolean; readonly transport?: SmtpPool } = {},
): Promise<T> {
  const { schema } = options;
  const outbox = await openOutbox({ database: databaseOf(options), schema, migrate: false, ...more });
  try {
    return await work(outbox);
  } finally {
    await outbox.close();
  }
}

export async function migrateTables(options: OutboxCommandOptions): Promise<void> {
  if (options.print !== undefined) {
    process.stdout.write(migrationSql(options.print, options.schema));
    return;
  }
  await withOutbox(options, async () => note("The tables are up to date"), { migrate: true });
}

/** Between two looks whether anything is left, in ms. */
const EMPTY_PERIOD_MS = 200;

export async function runWorker(options: OutboxCommandOptions & ServerOptions): Promise<void> {
  databaseOf(options);
  const { connection } = await resolveServer(options);
  await using transport = new SmtpPool(connection);
  await withOutbox(
    options,
    async (outbox) => {
      const over = new AbortController();
      const interrupted = Promise.race(
        ["SIGINT", "SIGTERM"].map((name) => once(process, name, { signal: over.signal })),
      ).catch(() => undefined);
      const worker = outbox.work();
      note("Delivering what is due; Ctrl-C ends it");
      if (options.untilEmpty === true) await Promise.race([interrupted, untilEmpty(outbox, over.signal)]);
      else await interrupted;
      over.abort();
      await worker.stop();
      const { finished } = worker.stats;
      if (options.json) printJson({ attempts: finished });
      else print(`${finished} ${finished === 1 ? "attempt" : "attempts"}`);
    },
    { transport },
  );
}

async function untilEmpty(outbox: Outbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { oldestDue, messages, paused } = await outbox.stats();
    if (paused !== undefined)
      throw new CliError(EXIT.tryAgain, `The transport is paused: ${paused.reason ?? "by a person"}`);
    if (oldestDue === undefined && messages.sending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, EMPTY_PERIOD_MS));
  }
}

export async function listMessages(options: ListOptions): Promise<void> {
  const { state, recipient, domain, key, limit = "100" } = options;
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw usageError("--limit must be a whole number above 0");
  await withOutbox(options, async (outbox) => {
    const found: OutboxMessage[] = [];
    for await (const message of outbox.find({ state, recipient, domain, key })) {
      found.push(message);
      if (found.length === Number(limit)) break;
    }
    if (options.json) printJson(found);
    else for (const message of found) print(lineOf(message));
  });
}

function lineOf({ id, state, createdAt, recipients }: OutboxMessage): string {
  const [first, ...rest] = recipients;
  const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
  return `${id}  ${createdAt.toISOString()}  ${state.padEnd(16)}  ${first?.address ?? ""}${more}`;
}

export async function showMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await withOutbox(options, async (outbox) => {
    const message = await existing(outbox, id);
    const events = [];
    for await (const event of outbox.events()) if (event.message === id) events.push(event);
    if (options.json) {
      printJson({ ...message, events });
      return;
    }
    print(lineOf(message));
    print(`  from <${message.sender}>, ${message.size} bytes, ${message.messageId}`);
    for (const { address, state, attempts, reply, nextAt } of message.recipients) {
      const next = nextAt === undefined ? "" : `, next ${nextAt.toISOString()}`;
      print(`  ${address}: ${state}, ${attempts} attempts${next}${reply === undefined ? "" : `: ${replyText(reply)}`}`);
    }
    for (const { at, type, recipient, reason } of events) {
      print(`  ${at.toISOString()}  ${[type, recipient, reason].filter((word) => word !== undefined).join("  ")}`);
    }
  });
}

const replyText = ({ code, message }: { code: number; message: string }): string =>
  code === 0 ? message : `${code} ${message}`;

async function existing(outbox: Outbox, id: string): Promise<OutboxMessage> {
  const message = await outbox.get(id);
  if (message === undefined) throw new CliError(EXIT.noInput, `no message has the id ${id}`);
  return message;
}

export async function retryMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await withOutbox(options, async (outbox) => {
    await outbox.retry(id);
    await tell(options, outbox, id);
  });
}

export async function cancelMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await withOutbox(options, async (outbox) => {
    if (!(await outbox.cancel(id))) throw new CliError(EXIT.data, "too late: it is being sent, or has its outcome");
    await tell(options, outbox, id);
  });
}

export async function resolveMessage(options: OutboxCommandOptions, id: string): Promise<void> {
  await withOutbox(options, async (outbox) => {
    await outbox.resolve(id, options.as ?? "sent", options.recipient);
    await tell(options, outbox, id);
  });
}

async function tell({ json }: OutboxCommandOptions, outbox: Outbox, id: string): Promise<void> {
  const message = await existing(outbox, id);
  if (json) printJson(message);
  else print(lineOf(message));
}

export async function suppressAddress(options: OutboxCommandOptions, address: string): Promise<void> {
  await withOutbox(options, async (outbox) => {
    if (options.remove === true) await outbox.unsuppress(address);
    else await outbox.suppress(address, options.reason);
  });
}

export async function pauseAll(options: OutboxCommandOptions): Promise<void> {
  await withOutbox(options, (outbox) => outbox.pause(options.reason));
}

export async function resumeAll(options: OutboxCommandOptions): Promise<void> {
  await withOutbox(options, (outbox) => outbox.resume());
}

export async function showStats(options: OutboxCommandOptions): Promise<void> {
  await withOutbox(options, async (outbox) => {
    const stats = await outbox.stats();
    if (options.json) {
      printJson(stats);
      return;
    }
    for (const [state, count] of Object.entries(stats.messages)) print(`${state.padEnd(16)}  ${count}`);
    if (stats.oldestDue !== undefined) print(`oldest due        ${stats.oldestDue.toISOString()}`);
    if (stats.paused !== undefined) print(`paused            ${stats.paused.kind}: ${stats.paused.reason ?? ""}`);
    for (const { domain, waiting, unknown } of stats.domains)
      print(`${domain}: ${waiting} waiting, ${unknown} unknown`);
  });
}

export async function purgeContent(options: OutboxCommandOptions): Promise<void> {
  const before = new Date(options.before ?? "");
  if (Number.isNaN(before.getTime())) throw usageError("--before must be a date, such as 2026-01-31");
  await withOutbox(options, async (outbox) => {
    const messages = await outbox.purge({ before });
    if (options.json) printJson({ messages });
    else print(`${messages} messages lost their content`);
  });
}
