/**
 * `postrider outbox run`: a worker, until it is told to end or nothing is due any more.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Outbox } from "@postrider/outbox";
import { SmtpPool } from "postrider";
import type { Rate } from "../bulk/rate.js";
import { CliError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { resolveServer, type ServerOptions } from "../server/server-options.js";
import { readSigner, type SigningOptions } from "../server/signing-options.js";
import { Stop } from "../stop.js";
import { note, print, printJson } from "../terminal/output.js";
import { withOutbox } from "./open-database.js";
import { type PlaceOptions, placeOf } from "./run-outbox.js";
import { count } from "./words.js";

export interface RunOptions extends PlaceOptions, ServerOptions, SigningOptions {
  readonly json: boolean;
  readonly untilEmpty: boolean;
  readonly connections: number;
  readonly rate?: Rate | undefined;
}

export async function runWorker(options: RunOptions): Promise<ExitCode> {
  const place = placeOf(options);
  const { connection } = await resolveServer(options);
  const pool = new SmtpPool({ ...connection, ...(await readSigner(options)), maxConnections: options.connections });
  try {
    return await withOutbox(place, (outbox) => deliver(outbox, pool, options), { transport: pool });
  } finally {
    await pool.close({ force: true });
  }
}

async function deliver(outbox: Outbox, pool: SmtpPool, { rate, untilEmpty, json }: RunOptions): Promise<ExitCode> {
  using stop = new Stop(
    () => note("Stopping after the messages in progress. Press Ctrl-C again to stop at once."),
    () => void pool.close({ force: true }),
  );
  const worker = outbox.work({ rates: rate === undefined ? [] : [rate] });
  note("Delivering due messages; press Ctrl-C to stop");
  try {
    if (untilEmpty) await emptied(outbox, stop.signal);
    else await aborted(stop.signal);
  } finally {
    await worker.stop();
  }
  const { finished } = worker.stats;
  if (json) printJson({ attempts: finished });
  else print(count(finished, "attempt"));
  return EXIT.ok;
}

/** Between two looks whether anything is left, in ms. */
const EMPTY_PERIOD_MS = 200;

async function emptied(outbox: Outbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { oldestDue, messages, paused } = await outbox.stats();
    if (paused !== undefined)
      throw new CliError(EXIT.tryAgain, `The outbox is paused: ${paused.reason ?? "no reason given"}`);
    if (oldestDue === undefined && messages.sending === 0) return;
    await delay(EMPTY_PERIOD_MS, undefined, { signal }).catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A signal alone does not keep the process.
    const timer = setInterval(() => undefined, 2 ** 31 - 1);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      resolve();
    });
  });
}
