/**
 * Messages through the sendmail command of this machine.
 *
 * Layer: nodemailer.
 *
 * SECURITY: no shell is between, and addresses stand behind `--`: none is read as an option.
 */
import { EventEmitter } from "node:events";
import { pipeline } from "node:stream/promises";
import { mailError, toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import { inNewlines } from "./newlines.js";
import type { Callback, SendMailOptions, SentEnvelope, SentMessageInfoBase, TransportOptions } from "./types.js";
import { VERSION } from "./version.js";

/** QUIRK: the last one is Bun's, for the input of a program that could not be started. */
const BROKEN_PIPE: ReadonlySet<unknown> = new Set([
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_UNABLE_TO_PIPE",
]);

export declare namespace SendmailTransport {
  export interface Options extends Omit<SendMailOptions, "dkim" | "normalizeHeaderKey">, TransportOptions {
    sendmail: true | string;
    path?: string | undefined;
    newline?: string | undefined;
    args?: readonly string[] | undefined;
  }
  export type MailOptions = SendMailOptions;
  export interface SentMessageInfo extends SentMessageInfoBase {
    response: string;
    accepted: string[];
    rejected: string[];
    pending: string[];
  }
}

export class SendmailTransport extends EventEmitter {
  options: Partial<SendmailTransport.Options>;
  readonly name: string = "Sendmail";
  readonly version: string = VERSION;
  path: string;
  args: readonly string[] | false;
  mailer: any;
  logger: CompleteLogger;

  constructor(options: Partial<SendmailTransport.Options> | string = {}) {
    super();
    this.options = typeof options === "string" ? { path: options } : options;
    const { sendmail, path, args } = this.options;
    this.path = path ?? (typeof sendmail === "string" ? sendmail : "sendmail");
    this.args = args ?? false;
    this.logger = getLogger({ component: "sendmail", ...this.options });
  }

  send(
    mail: MailMessage<SendmailTransport.SentMessageInfo>,
    callback: Callback<SendmailTransport.SentMessageInfo>,
  ): void {
    this.#send(mail).then(
      (info) => callback(null, info),
      (error) => callback(toNodemailerError(error), undefined as never),
    );
  }

  async #send({ message }: MailMessage): Promise<SendmailTransport.SentMessageInfo> {
    const envelope = message.getEnvelope();
    const messageId = message.messageId();
    const parameters = this.#parameters(envelope);
    const { spawn } = process.getBuiltinModule("node:child_process");
    const child = spawn(this.path, parameters, { stdio: ["pipe", "ignore", "ignore"] });
    const ended = new Promise<void>((resolve, reject) => {
      child.once("error", (cause) =>
        reject(
          mailError("ESENDMAIL", `${this.path} cannot be started: ${cause.message}`, { cause, outcome: "not-sent" }),
        ),
      );
      child.once("exit", (code, signal) =>
        code === 0
          ? resolve()
          : reject(
              mailError("ESENDMAIL", `${this.path} ended with ${signal ?? `code ${code}`}`, { outcome: "unknown" }),
            ),
      );
    });
    const writing = pipeline(inNewlines(message.createReadStream(), this.options.newline ?? "unix"), child.stdin);
    const [end, written] = await Promise.allSettled([ended, writing.catch((error: unknown) => stop(child, error))]);
    // Why it ended says more than that nobody read on.
    if (written.status === "rejected" && !isBrokenPipe(written.reason)) throw written.reason;
    if (end.status === "rejected") throw end.reason;
    if (written.status === "rejected") throw written.reason;
    return {
      envelope,
      messageId,
      response: "Messages queued for delivery",
      accepted: [...envelope.to],
      rejected: [],
      pending: [],
    };
  }

  #parameters({ from, to }: SentEnvelope): string[] {
    if (to.length === 0)
      throw mailError("EENVELOPE", "to: the message has no recipients", { command: "API", outcome: "not-sent" });
    const dashed = [from || "", ...to].find((address) => address.startsWith("-"));
    if (dashed !== undefined)
      throw mailError("EENVELOPE", `${JSON.stringify(dashed)}: an address for sendmail may not begin with a hyphen`);
    if (this.args !== false) return ["-i", ...this.args, "--", ...to];
    return ["-i", ...(from === false ? [] : ["-f", from]), "--", ...to];
  }
}

/** SECURITY: what could not be written whole must not be sent in part. */
function stop(child: { kill(signal: NodeJS.Signals): boolean }, error: unknown): never {
  if (!isBrokenPipe(error)) child.kill("SIGKILL");
  throw error;
}

function isBrokenPipe(error: unknown): boolean {
  return BROKEN_PIPE.has((error as { code?: unknown } | null)?.code);
}
