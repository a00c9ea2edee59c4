/**
 * Single commands: the line of each, the replies that count as success, and the error of a refusal.
 *
 * Layer: connection. RFC 5321 §3.2 and §4.1.1 (EHLO and HELO), §4.3.2 (which codes follow which command), RFC 2033 §4.1 (LHLO).
 */
import { parseBareAddress } from "../address/parser.js";
import {
  OptionError,
  SmtpDisconnectedError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpRecipientRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
} from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { type Envelope, planEnvelope } from "../session/envelope.js";
import { isPositive } from "../session/transaction.js";
import { type CommandWork, commandPhase } from "../session/work.js";
import { parseSender } from "../submission/envelope.js";
import type { Capabilities } from "../wire/capabilities.js";
import { checkArgument, checkCommand, checkParameters } from "../wire/command.js";

/** Commands that have a method of their own. */
const OWN_METHODS: ReadonlyMap<string, string> = new Map([
  ["DATA", "data()"],
  ["BDAT", "data()"],
  ["STARTTLS", "startTls()"],
  ["AUTH", "login() or auth()"],
]);
/** MAIL and RCPT that the caller sends by hand carry no content, so no SIZE and no BODY. */
const ENVELOPE_ONLY = { size: undefined, hasEightBit: false, hasUtf8Headers: false } as const;

/** The last argument of every command. */
export interface CommandOptions {
  /** Aborting a command that was written closes the connection, because its reply could no longer be told from the next one. */
  readonly signal?: AbortSignal | undefined;
}

/** One command with the rule for its reply. */
export interface ManualCommand {
  readonly work: CommandWork;
  /** False when it may be sent before EHLO. */
  readonly needsHello: boolean;
  /** The error for a refusal; undefined for a success. */
  refusal(reply: SmtpReply): SmtpReplyError | undefined;
}

/** A command without arguments, or with free text as its argument. */
export function plainCommand(
  verb: string,
  argument: string | undefined,
  accepts: readonly number[] | "2yz",
): ManualCommand {
  return {
    work: { kind: "command", verb, line: argument === undefined ? verb : `${verb} ${argument}` },
    needsHello: verb !== "QUIT",
    refusal: (reply) => {
      const isAccepted = accepts === "2yz" ? isPositive(reply) : accepts.includes(reply.code);
      if (isAccepted) return undefined;
      return new SmtpReplyError(`The server refused ${verb}`, { reply, command: verb, phase: commandPhase(verb) });
    },
  };
}

/** EHLO, HELO or LHLO with a validated name. */
export function helloCommand(verb: "EHLO" | "HELO" | "LHLO", name: string): ManualCommand {
  const command = plainCommand(verb, name, "2yz");
  return {
    ...command,
    needsHello: false,
    refusal: (reply) =>
      command.refusal(reply) === undefined ? undefined : new SmtpHelloError({ reply, command: verb }),
  };
}

/**
 * Sends EHLO, and HELO to servers that do not know it; LHLO in LMTP.
 *
 * @param execute sends one command and resolves with its reply, whatever its code.
 * @throws SmtpHelloError when neither is accepted.
 */
export async function sayHello(
  name: string,
  isLmtp: boolean,
  execute: (verb: string, line: string) => Promise<SmtpReply>,
): Promise<void> {
  const verb = isLmtp ? "LHLO" : "EHLO";
  const reply = await execute(verb, `${verb} ${name}`);
  if (isPositive(reply)) return;
  // 4yz is a temporary refusal: HELO would hide it.
  if (isLmtp || reply.code < 500) throw new SmtpHelloError({ reply, command: verb });
  const second = await execute("HELO", `HELO ${name}`).catch((error: unknown) => {
    // A server that refused EHLO and closed the connection: its reply is the reason.
    throw error instanceof SmtpDisconnectedError ? new SmtpHelloError({ reply, command: verb, cause: error }) : error;
  });
  if (!isPositive(second)) throw new SmtpHelloError({ reply: second, command: "HELO" });
}

export function helpCommand(topic: string | undefined): ManualCommand {
  return plainCommand(
    "HELP",
    topic === undefined ? undefined : checkArgument(topic, "topic", "option"),
    [211, 214, 250],
  );
}

/** VRFY or EXPN; beyond ASCII they need SMTPUTF8 (RFC 6531 §3.7.4.2). */
export function lookUpCommand(verb: "VRFY" | "EXPN", name: string, capabilities: Capabilities): ManualCommand {
  const argument = checkLookUp(name);
  const accepts = verb === "VRFY" ? [250, 251, 252] : [250];
  if (/^[\u0020-\u007e]*$/.test(argument)) return plainCommand(verb, argument, accepts);
  if (!capabilities.extensions.has("SMTPUTF8")) {
    throw new SmtpNotSupportedError("SMTPUTF8", {
      reason: `The server does not offer SMTPUTF8, which this ${verb} needs`,
      phase: "command",
    });
  }
  return plainCommand(verb, `${argument} SMTPUTF8`, accepts);
}

/** @throws AddressError */
export function checkLookUp(name: string): string {
  return checkArgument(name, "address", "address");
}

/** @throws AddressError, OptionError; SmtpNotSupportedError when the server lacks what a parameter needs. */
export function mailCommand(envelope: Envelope, capabilities: Capabilities): ManualCommand {
  const { mail = "" } = planEnvelope(envelope, ENVELOPE_ONLY, capabilities);
  const sender = envelope.sender?.address ?? "";
  return addressed("MAIL", mail, (reply) => new SmtpSenderRefusedError(sender, { reply }));
}

export function rcptCommand(envelope: Envelope, capabilities: Capabilities): ManualCommand {
  const [line = ""] = planEnvelope(envelope, ENVELOPE_ONLY, capabilities).recipients;
  const recipient = envelope.recipients[0]?.address ?? "";
  return addressed("RCPT", line, (reply) => new SmtpRecipientRefusedError(recipient, { reply }));
}

/** The envelope of MAIL alone. @throws AddressError, OptionError */
export function senderEnvelope(sender: string, parameters: readonly string[]): Envelope {
  return {
    sender: parseSender(sender),
    recipients: [],
    mailParameters: checkParameters(parameters, "parameters"),
    rcptParameters: [],
  };
}

/** The envelope of RCPT alone. @throws AddressError, OptionError */
export function recipientEnvelope(recipient: string, parameters: readonly string[]): Envelope {
  const mailbox = parseBareAddress(recipient, "recipient");
  return {
    sender: undefined,
    recipients: [{ ...mailbox, parameters: [] }],
    mailParameters: [],
    rcptParameters: checkParameters(parameters, "parameters"),
  };
}

/**
 * Any other command, as the caller wrote it; a reply of any class resolves the call.
 *
 * @throws OptionError; also for DATA, BDAT, STARTTLS and AUTH, which change how the following bytes are read.
 */
export function freeCommand(command: string): ManualCommand {
  const { verb, line } = checkCommand(command);
  const instead = OWN_METHODS.get(verb);
  if (instead !== undefined)
    throw new OptionError("command", `${verb} changes what follows on the wire; use ${instead}`);
  const opensSession = verb === "EHLO" || verb === "HELO" || verb === "LHLO" || verb === "QUIT";
  return { work: { kind: "command", verb, line, isFree: true }, needsHello: !opensSession, refusal: () => undefined };
}

function addressed(verb: string, line: string, refuse: (reply: SmtpReply) => SmtpReplyError): ManualCommand {
  return {
    work: { kind: "command", verb, line },
    needsHello: true,
    refusal: (reply) => (isPositive(reply) ? undefined : refuse(reply)),
  };
}
