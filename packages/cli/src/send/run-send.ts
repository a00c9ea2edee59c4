/**
 * What `postrider send` does.
 */
import {
  type ConnectionOptions,
  type DeliveryOptions,
  type DkimSigner,
  type MessageInput,
  outcomeOf,
  type SendResult,
  send,
} from "postrider";
import { usageError } from "../cli-error.js";
import { wordsOf } from "../error-words.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { exitCodeAfter } from "../failure.js";
import { readProfile } from "../server/profile.js";
import { resolveServer } from "../server/server-options.js";
import { readSigner } from "../server/signing-options.js";
import { cutBySignal } from "../stop.js";
import { note, paint, print, printJson, printText } from "../terminal/output.js";
import { checkReadable, openInput } from "../terminal/read-input.js";
import { traceToStderr } from "../terminal/trace.js";
import { addressesIn, onlyAddress } from "./addresses.js";
import { composeMessage } from "./compose.js";
import { rehearse } from "./rehearse.js";
import type { SendCommandOptions } from "./send-options.js";

export async function runSend(options: SendCommandOptions): Promise<ExitCode> {
  if (options.quitAfter !== undefined) return rehearse(options.quitAfter, options);
  const isRaw = options.raw !== undefined || options.recipientsFromHeaders;
  const outgoing = isRaw ? await rawMessage(options) : await composedMessage(options);
  const dkim = await readSigner(options);
  if (options.dryRun) return printMessage(outgoing.message, dkim.dkim);
  const { connection } = await resolveServer(options);
  return report(await deliver(outgoing, { ...connection, ...dkim }, options.trace), options.json);
}

interface Outgoing {
  readonly message: MessageInput;
  readonly delivery: DeliveryOptions;
}

async function composedMessage(options: SendCommandOptions): Promise<Outgoing> {
  const delivery = options.sender === undefined ? {} : { sender: options.sender };
  // A dry run needs no server and no password, only the author that a profile names.
  const from =
    options.from !== undefined || options.profile === undefined ? undefined : (await readProfile(options.profile)).from;
  return { message: await composeMessage(options, from), delivery };
}

/** What makes a message, and does not go with one that is made. */
const COMPOSING = [
  ...(["subject", "text", "textFile", "html", "htmlText", "cc", "bcc", "replyTo"] as const),
  ...(["attach", "inline", "inlineImages", "header"] as const),
] as const;

async function rawMessage(options: SendCommandOptions): Promise<Outgoing> {
  const wrong = COMPOSING.find((name) => isGiven(options[name]));
  const source = options.recipientsFromHeaders ? "-t" : "--raw";
  if (wrong !== undefined) {
    throw usageError(
      `--${wrong.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)} cannot be combined with ${source}: that message is complete`,
    );
  }
  if (options.recipientsFromHeaders && options.to.length > 0) throw usageError("-t and recipients cannot be combined");
  if (!options.recipientsFromHeaders && options.to.length === 0)
    throw usageError("--to is missing (or -t, to take the recipients from the header)");
  if (options.raw !== undefined) await checkReadable(options.raw, "the message");
  const message = openInput(options.raw ?? "-", "the message");
  const sender = options.sender ?? (options.from === undefined ? undefined : onlyAddress(options.from));
  return {
    message,
    delivery: {
      ...(sender === undefined ? {} : { sender }),
      ...(options.recipientsFromHeaders ? {} : { recipients: options.to.flatMap((text) => addressesIn(text, "to")) }),
      // What the command line does not say, the header does; without Bcc then.
      envelopeFromHeaders: options.recipientsFromHeaders || sender === undefined,
    },
  };
}

function isGiven(value: string | readonly string[] | boolean | undefined): boolean {
  return value !== undefined && value !== false && (typeof value === "boolean" || value.length > 0);
}

async function deliver(outgoing: Outgoing, connection: ConnectionOptions, trace: boolean): Promise<SendResult> {
  const options = { ...connection, ...outgoing.delivery, ...(trace ? { trace: traceToStderr } : {}) };
  return cutBySignal(
    (signal) => send(outgoing.message, { ...options, signal }),
    (error) => {
      const isUnknown = outcomeOf(error) === "unknown";
      note(`interrupted: the message ${isUnknown ? "may have been delivered or not" : "was not sent"}`);
    },
  );
}

/** Byte for byte into a file or a pipe; a terminal is shown what it would obey. */
async function printMessage(message: MessageInput, dkim: DkimSigner | undefined): Promise<ExitCode> {
  const composed = typeof message === "object" && "toBytes" in message ? await message.toBytes() : undefined;
  if (dkim !== undefined && composed === undefined) {
    throw usageError("--dry-run cannot sign a complete message; without --dry-run the message is sent signed");
  }
  const signature = dkim === undefined || composed === undefined ? "" : `${await dkim.sign(composed)}\r\n`;
  const pieces =
    composed === undefined ? (message as AsyncIterable<Uint8Array>) : [Buffer.from(signature, "latin1"), composed];
  const whole: Uint8Array[] = [];
  for await (const piece of pieces) {
    if (process.stdout.isTTY) whole.push(piece);
    else process.stdout.write(piece);
  }
  if (process.stdout.isTTY) printText(Buffer.concat(whole).toString("utf8").replaceAll("\r\n", "\n"));
  return EXIT.ok;
}

function report(result: SendResult, asJson: boolean): ExitCode {
  const { accepted, refused, reply, messageId, envelope } = result;
  if (asJson) {
    printJson({ accepted, refused: refused.map((one) => one.toJSON()), reply, messageId, envelope });
  } else {
    for (const recipient of accepted) print([paint("green", "accepted"), `  ${recipient}`]);
    print([paint("dim", "reply"), `     ${reply.code} ${reply.message}`]);
    if (messageId !== undefined) print([paint("dim", "message"), `   ${messageId}`]);
  }
  for (const one of refused) note([paint("red", "refused"), `   ${wordsOf(one)}`]);
  if (refused.length === 0) return EXIT.ok;
  // One that may be tried again makes it worth trying again.
  return exitCodeAfter(refused.every(({ retry }) => retry === "never") ? "never" : "later");
}
