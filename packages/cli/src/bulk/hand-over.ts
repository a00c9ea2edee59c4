/**
 * `--outbox`: the rows are handed to the outbox of a database, whose workers send them.
 *
 * Each row has a key of its own, so that the same command, run again after an interruption, enqueues nothing twice.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { EnqueueRequest, Outbox } from "@postrider/outbox";
import { CliError, usageError } from "../cli-error.js";
import { wordsOf } from "../error-words.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { withOutbox } from "../outbox/open-database.js";
import { Stop } from "../stop.js";
import { type Line, note, paint, print, printJson } from "../terminal/output.js";
import type { OutboxTarget } from "./bulk-options.js";
import type { Row } from "./data/rows.js";
import type { Plan } from "./plan.js";
import type { MailTemplate } from "./template/mail-template.js";

export interface HandOver {
  /** The file of the rows. */
  readonly file: string;
  readonly options: OutboxTarget & { readonly json: boolean };
  readonly template: MailTemplate;
  readonly plan: Plan;
  /** Made of all that decides what the mails are. */
  readonly digest: string;
  readonly rows: AsyncIterable<Row>;
}

/** A key has at most 255 characters, and a line's number follows. */
const MAX_KEY_LENGTH = 200;

interface Count {
  enqueued: number;
  alreadyThere: number;
}

/** @throws CliError */
export async function handOver(parts: HandOver): Promise<ExitCode> {
  const { file, options, plan, digest } = parts;
  const key = options.key ?? `bulk:${basename(file).slice(0, 100)}:${digest.slice(0, 16)}`;
  if (key === "" || key.length > MAX_KEY_LENGTH) throw usageError(`--key must have 1 to ${MAX_KEY_LENGTH} characters`);
  const place = { url: options.outbox ?? "", by: "--outbox", schema: options.schema };
  using stop = new Stop(
    () => note("Stopping after the messages in progress. Press Ctrl-C again to stop at once."),
    () => process.exit(EXIT.interrupted),
  );
  const count: Count = { enqueued: 0, alreadyThere: 0 };
  await withOutbox(place, (outbox) => enqueueRows(outbox, parts, { key, count, signal: stop.signal }));
  report(parts, key, count);
  if (stop.signal.aborted) {
    note("Interrupted: run the same command again to enqueue the rest; nothing is enqueued twice.");
    return EXIT.interrupted;
  }
  return plan.bad.length > 0 ? EXIT.data : EXIT.ok;
}

interface Run {
  readonly key: string;
  readonly count: Count;
  readonly signal: AbortSignal;
}

async function enqueueRows(outbox: Outbox, parts: HandOver, { key, count, signal }: Run): Promise<void> {
  // Those under way, oldest first: results come in this order.
  const lines: number[] = [];
  const requests = requestsOf(parts, key, signal, (line) => lines.push(line));
  try {
    for await (const { created } of outbox.enqueueAll(requests)) {
      lines.shift();
      if (created) count.enqueued += 1;
      else count.alreadyThere += 1;
      showCount(count.enqueued + count.alreadyThere);
    }
  } catch (error) {
    throw failureOf(error, lines[0], parts, count);
  } finally {
    showCount(undefined);
  }
}

async function* requestsOf(
  { rows, options, template }: HandOver,
  key: string,
  signal: AbortSignal,
  onRow: (line: number) => void,
): AsyncGenerator<EnqueueRequest, void, undefined> {
  const { sendAt, priority } = options;
  const idLeft = createHash("sha256").update(key).digest("hex").slice(0, 32);
  for await (const { line, values } of rows) {
    if (signal.aborted) return;
    onRow(line);
    yield {
      message: template.compose(values, { idLeft: `${idLeft}.${line}` }),
      key: `${key}:${line}`,
      sendAt,
      priority,
      tags: { bulk: key, line: String(line), ...Object.fromEntries(options.tag) },
    };
  }
}

/** What one row was refused for, with its line; other failures are the database's. */
function failureOf(error: unknown, line: number | undefined, { file }: HandOver, count: Count): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (line === undefined || (code !== "message" && code !== "address" && code !== "key-conflict")) return error;
  const advice =
    code === "key-conflict" ? "another run used this --key with other data, another template or other options; " : "";
  const done = count.enqueued + count.alreadyThere;
  return new CliError(
    EXIT.data,
    `${file}, line ${line}: ${wordsOf(error)}\n${advice}${done} rows before it are in the outbox`,
    {
      cause: error,
    },
  );
}

function report({ plan, options }: HandOver, key: string, { enqueued, alreadyThere }: Count): void {
  const left = plan.good - enqueued - alreadyThere;
  if (options.json) {
    const problems = plan.bad.map(({ line, problem }) => ({ line, outcome: "bad", why: problem }));
    printJson({ rows: plan.good + plan.bad.length, key, enqueued, alreadyThere, bad: plan.bad.length, left, problems });
    return;
  }
  print(row("enqueued", enqueued, "in the outbox; a worker sends them"));
  if (alreadyThere > 0) print(row("before", alreadyThere, "enqueued by an earlier run, and not again"));
  if (plan.bad.length > 0) print(row("bad", plan.bad.length, "invalid rows, skipped"));
  if (left > 0) print(row("left", left, "not started"));
  print(row("key", undefined, key));
  note('"postrider outbox list --tag bulk=KEY" shows their states');
}

function row(name: string, number: number | undefined, meaning: string): Line {
  return [paint("dim", name.padEnd(10)), number === undefined ? "" : `${String(number).padStart(9)}  `, meaning];
}

const SHOW_EVERY = 100;

function showCount(done: number | undefined): void {
  if (process.stderr.isTTY !== true) return;
  if (done === undefined) process.stderr.write("\r\x1b[K");
  else if (done % SHOW_EVERY === 0) process.stderr.write(`\renqueued ${done} rows\x1b[K`);
}
