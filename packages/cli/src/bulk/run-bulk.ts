/**
 * What `postrider bulk` does.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { SmtpPool } from "postrider";
import { usageError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { checkPlace, writePrivate } from "../private-file.js";
import { type AttachmentSpec, attachmentOf, checkAttachment, readAttachment } from "../send/attachment-spec.js";
import { resolveServer } from "../server/server-options.js";
import { readSigner } from "../server/signing-options.js";
import { Stop } from "../stop.js";
import { many, note, print, printJson, warn } from "../terminal/output.js";
import { checkReadable } from "../terminal/read-input.js";
import type { BulkOptions } from "./bulk-options.js";
import { Rows } from "./data/rows.js";
import { Delivery, outcomeOf } from "./delivery.js";
import { runDry } from "./dry-run.js";
import { handOver } from "./hand-over.js";
import type { JournalEntry } from "./journal/entries.js";
import { type Fingerprint, Journal } from "./journal/journal.js";
import { goodRows, type Plan, planRun } from "./plan.js";
import { Progress } from "./progress.js";
import { Pacer } from "./rate.js";
import { reportPage } from "./report-html.js";
import { reportData, reportLines } from "./report-text.js";
import { Tally } from "./tally.js";
import { MailTemplate } from "./template/mail-template.js";
import { readTemplateFile, type TemplateFile } from "./template/template-file.js";

/** Messages on the way at the same time on each connection: enough to keep it full, and few to be unknown after a kill. */
const IN_FLIGHT = 4;

export async function runBulk(data: string, options: BulkOptions): Promise<ExitCode> {
  checkDelimiter(options.delimiter);
  if (data === "-") throw usageError("the data must be a file, not stdin: it is read twice");
  if (options.resendUnknown && options.journal === undefined) {
    throw usageError("--resend-unknown requires --journal, which records the unknown outcomes");
  }
  checkOutbox(options);
  const attached = options.attach.map(readFileOf);
  checkPaths(data, options, attached);
  await checkReadable(data, "the data");
  for (const one of attached) {
    const { isPipe, file } = await checkAttachment("--attach", one);
    if (isPipe === true) throw usageError(`--attach: ${file} is a pipe, and every mail needs it`);
  }
  const file = await readTemplateFile(options.template);
  const template = new MailTemplate(file, {
    from: options.from,
    to: options.to,
    subject: options.subject,
    attachments: attached.map(attachmentOf),
  });
  const rows = (): Rows => new Rows(data, { delimiter: options.delimiter });
  for (const text of file.warnings) warn(text);
  if (options.dryRun) return runDry(rows(), template, { file: data, ...options });
  if (options.outbox !== undefined) {
    const plan = await planRun(rows(), template, { file: data, ...options });
    const run = { options, template, plan, digest: digest(JSON.stringify(await fingerprintOf(options, file, plan))) };
    return handOver({ file: data, ...run, rows: goodRows(rows(), plan, data) });
  }
  if (options.report !== undefined) await checkPlace("the report", options.report);
  const server = await resolveServer(options);
  const plan = await planRun(rows(), template, { file: data, ...options });
  const pool = new SmtpPool({
    ...server.connection,
    ...(await readSigner(options)),
    maxConnections: options.connections,
    maxInFlight: IN_FLIGHT,
    ...(options.rate === undefined ? {} : { rateLimit: options.rate }),
  });
  try {
    // A server that is not there, or refuses the password, is told before the first row is begun.
    await pool.verify();
    const journal = await openJournal(options, file, plan);
    try {
      const tally = new Tally(plan.good + plan.bad.length, performance.now());
      for (const { line, problem } of plan.bad) {
        tally.addBefore("bad");
        tally.tell({ line, outcome: "bad", to: "", why: problem });
      }
      const exitCode = await deliver({
        data,
        options,
        template,
        pool,
        journal,
        tally,
        rows: goodRows(rows(), plan, data),
      });
      await pool.close();
      return exitCode;
    } finally {
      await journal?.close();
    }
  } finally {
    // Nothing to do after a good end; after a bad one nobody waits for the server.
    await pool.close({ force: true });
  }
}

interface Run {
  readonly data: string;
  readonly options: BulkOptions;
  readonly template: MailTemplate;
  readonly pool: SmtpPool;
  readonly journal: Journal | undefined;
  readonly tally: Tally;
  readonly rows: AsyncIterator<import("./data/rows.js").Row>;
}

async function deliver(run: Run): Promise<ExitCode> {
  const { data, options, template, pool, journal, tally, rows } = run;
  const progress = new Progress(tally);
  using stop = new Stop(
    () => progress.say("Stopping after the messages in progress. Press Ctrl-C again to stop at once."),
    () => void pool.close({ force: true }),
  );
  const delivery = new Delivery({
    ...{ rows, template, pool, journal, tally },
    pacer: options.rate === undefined ? undefined : new Pacer(options.rate),
    id: journal?.id ?? randomUUID(),
    resendUnknown: options.resendUnknown,
    concurrency: options.connections * IN_FLIGHT,
    signal: stop.signal,
    onOutcome: (entry, to) => record(entry, to, tally, progress),
  });
  try {
    await delivery.run();
  } finally {
    progress.end();
  }
  const elapsedMs = tally.elapsed(performance.now());
  if (options.json) printJson(reportData(tally, elapsedMs));
  else for (const line of reportLines(tally, elapsedMs)) print(line);
  if (options.report !== undefined) {
    const facts = { data: basename(data), template: basename(options.template), endedAt: new Date(), elapsedMs };
    await writePrivate("the report", options.report, reportPage(tally, facts));
  }
  if (delivery.gaveUp) note("Stopped: the server accepts no more messages.");
  if (tally.before.unknown > 0)
    note(
      `${many(tally.before.unknown, "row")} of earlier runs may have been delivered or not; --resend-unknown sends what is unknown again.`,
    );
  if (tally.done < tally.total && journal === undefined) note("This run has no journal and cannot be resumed.");
  return stop.signal.aborted ? EXIT.interrupted : exitCodeFor(tally);
}

/** Refusals that are shown while it runs; the report has the others. */
const MAX_SAID = 20;

function record(entry: JournalEntry, to: string, tally: Tally, progress: Progress): void {
  const outcome = outcomeOf(entry);
  tally.add(outcome, performance.now());
  if (outcome === "accepted") return;
  const why = entry.why ?? "";
  tally.tell({ line: entry.line, outcome, to, why });
  if (tally.problems.length <= MAX_SAID) progress.say(`line ${entry.line}: ${outcome}: ${why}`);
  if (tally.problems.length === MAX_SAID) progress.say("further ones are in the report");
}

/** 0 says that everybody has it. */
function exitCodeFor({ counts, mayTryAgain, done, total }: Tally): ExitCode {
  if (counts.unknown > 0) return EXIT.unknownOutcome;
  if (mayTryAgain || done < total) return EXIT.tryAgain;
  if (counts.refused + counts.partly > 0) return EXIT.unavailable;
  return counts.bad > 0 ? EXIT.data : EXIT.ok;
}

async function openJournal(options: BulkOptions, template: TemplateFile, plan: Plan): Promise<Journal | undefined> {
  if (options.journal === undefined) {
    warn("without --journal, an interrupted run cannot be resumed");
    return undefined;
  }
  return Journal.open(options.journal, await fingerprintOf(options, template, plan), { onWait: note });
}

/** All that decides what the mails are. */
async function fingerprintOf(options: BulkOptions, template: TemplateFile, plan: Plan): Promise<Fingerprint> {
  const { from, to, subject, delimiter } = options;
  const attachments = await Promise.all(
    options.attach
      .map(readFileOf)
      .map(async ({ file, ...said }) => ({ ...said, content: digest(await readFile(file)) })),
  );
  return {
    "the data": plan.digest,
    "the template": digest(template.bytes),
    "the options (--from, --to, --subject, --delimiter, --attach)": digest(
      JSON.stringify({ from, to, subject, delimiter, attachments }),
    ),
  };
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function checkDelimiter(delimiter: string | undefined): void {
  if (delimiter !== undefined && (delimiter.length !== 1 || /["\r\n]/.test(delimiter))) {
    throw usageError("--delimiter must be one character, and not a quote or a line break");
  }
}

/** Options of the outbox alone would be forgotten. */
function checkOutbox({ outbox, schema, key, sendAt, priority, tag }: BulkOptions): void {
  if (outbox !== undefined) return;
  const given = { "--schema": schema, "--key": key, "--send-at": sendAt, "--priority": priority, "--tag": tag[0] };
  const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw usageError(`${name} needs --outbox`);
}

/** As for `postrider send`, without stdin: each mail reads the file. @throws CliError */
function readFileOf(text: string): AttachmentSpec {
  const spec = readAttachment("--attach", text);
  if (spec.file === "-") throw usageError("--attach: stdin can be read only once, and every mail needs it");
  return spec;
}

/** What is written must not be what is read. */
function checkPaths(
  data: string,
  { template, journal, report }: BulkOptions,
  attached: readonly AttachmentSpec[],
): void {
  const inputs = [data, template, ...attached.map(({ file }) => file)].map((file) => resolve(file));
  for (const [flag, file] of [
    ["--journal", journal],
    ["--report", report],
  ] as const) {
    if (file !== undefined && inputs.includes(resolve(file)))
      throw usageError(`${flag} ${file} would overwrite an input file`);
  }
  if (journal !== undefined && report !== undefined && resolve(journal) === resolve(report)) {
    throw usageError("--journal and --report must be different files");
  }
}
