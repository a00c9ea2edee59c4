/**
 * What `postrider bench` does.
 */
import { isSmtpError, parseAddressList, SmtpPool } from "postrider";
import { usageError } from "../cli-error.js";
import { wordsOf } from "../error-words.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { resolveServer, type ServerOptions } from "../server/server-options.js";
import { isThisMachine } from "../server/this-machine.js";
import { note, print, printJson } from "../terminal/output.js";
import { Status } from "../terminal/status.js";

export interface BenchOptions extends ServerOptions {
  readonly messages: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly size: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

interface Measured {
  /** Milliseconds of each message that was accepted, from its send to its reply. */
  readonly latencies: number[];
  readonly failures: Map<string, number>;
  readonly elapsedMs: number;
}

export async function runBench(server: string | undefined, options: BenchOptions): Promise<ExitCode> {
  const { connection } = await resolveServer(options, server);
  const url = new URL(connection.url ?? "");
  const isOwn = isThisMachine(url);
  if (!isOwn && !options.yes) {
    throw usageError(`${url.hostname} is not a local server; use --yes to send ${options.messages} messages there`);
  }
  if (!isOwn && (options.from === undefined || options.to === undefined)) {
    throw usageError("a server on another machine requires --from and --to: the messages are real");
  }
  const sender = options.from ?? "bench@example.org";
  const recipient = options.to ?? "sink@example.org";
  checkAddresses({ from: sender, to: recipient });
  const pool = new SmtpPool({ ...connection, maxConnections: options.connections, maxInFlight: options.inFlight });
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    await pool.verify({ signal: stop.signal });
    const measured = await measure(
      pool,
      makeMessage(options.size, sender, recipient),
      { sender, recipients: [recipient] },
      options,
      stop.signal,
    );
    report(measured, options);
    if (stop.signal.aborted) return EXIT.interrupted;
    return measured.failures.size === 0 ? EXIT.ok : EXIT.unavailable;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    process.off("SIGINT", interrupt);
    await pool.close({ force: stop.signal.aborted });
  }
}

/** One each; found out once, and not with every message. @throws AddressError, CliError */
function checkAddresses(addresses: Readonly<Record<"from" | "to", string>>): void {
  for (const [field, text] of Object.entries(addresses)) {
    const [one, ...others] = parseAddressList(text, field);
    const isBare = one !== undefined && "address" in one && one.address === text.trim();
    if (!isBare || others.length > 0) throw usageError(`--${field} must be one address without a name`);
  }
}

async function measure(
  pool: SmtpPool,
  message: Uint8Array,
  envelope: { readonly sender: string; readonly recipients: readonly string[] },
  options: BenchOptions,
  signal: AbortSignal,
): Promise<Measured> {
  const latencies: number[] = [];
  const failures = new Map<string, number>();
  let left = options.messages;
  signal.addEventListener("abort", () => {
    left = 0;
  });
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const start = performance.now();
      try {
        await pool.send(message, { ...envelope, signal });
        latencies.push(performance.now() - start);
      } catch (error) {
        if (signal.aborted) return;
        if (!isSmtpError(error)) throw error;
        const words = wordsOf(error);
        failures.set(words, (failures.get(words) ?? 0) + 1);
      }
    }
  };
  const start = performance.now();
  const status = new Status();
  status.follow(() => progress(latencies.length, failures, options.messages, performance.now() - start));
  try {
    await Promise.all(Array.from({ length: options.connections * options.inFlight }, () => work()));
  } finally {
    status.end();
  }
  return { latencies, failures, elapsedMs: performance.now() - start };
}

function progress(accepted: number, failures: ReadonlyMap<string, number>, total: number, elapsedMs: number): string {
  const failed = [...failures.values()].reduce((sum, times) => sum + times, 0);
  const rate = elapsedMs === 0 ? 0 : Math.round((accepted * 1000) / elapsedMs);
  return `${accepted + failed} of ${total}, ${rate} a second${failed === 0 ? "" : `, ${failed} failed`}`;
}

/** A message of about that size. */
function makeMessage(size: number, from: string, to: string): Uint8Array {
  const header = `From: <${from}>\r\nTo: <${to}>\r\nSubject: postrider bench\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n`;
  const line = `${"x".repeat(70)}\r\n`;
  return Buffer.from(header + line.repeat(Math.max(1, Math.ceil((size - header.length) / line.length))));
}

function report({ latencies, failures, elapsedMs }: Measured, options: BenchOptions): void {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const result = {
    messages: options.messages,
    accepted: latencies.length,
    seconds: round(elapsedMs / 1000),
    perSecond: Math.round((latencies.length * 1000) / elapsedMs),
    megabytesPerSecond: round((latencies.length * options.size) / elapsedMs / 1000),
    latencyMs: { median: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  };
  if (options.json) {
    printJson({ ...result, failures: Object.fromEntries(failures) });
  } else {
    const { latencyMs } = result;
    print(
      `${result.perSecond} messages a second (${result.accepted} of ${result.messages} in ${result.seconds} s, ${result.megabytesPerSecond} MB/s)`,
    );
    if (latencies.length === 0) return noteFailures(failures);
    print(
      `latency: median ${latencyMs.median} ms, 95 % ${latencyMs.p95} ms, 99 % ${latencyMs.p99} ms, longest ${latencyMs.max} ms`,
    );
  }
  noteFailures(failures);
}

function noteFailures(failures: ReadonlyMap<string, number>): void {
  for (const [message, times] of failures) note(`${times} times: ${message}`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
