/**
 * MAIL and RCPT commands of an envelope, with the parameters that the server and the content need; splitting by LIMITS.
 *
 * Layer: session. RFC 5321 §4.1.1.2 and §4.1.1.3, RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 3461 (DSN),
 * RFC 9422 (LIMITS: several transactions).
 */
import { type AddrSpec, mailboxKey, pathAddress } from "../address/mailbox.js";
import { MessageError, SmtpNotSupportedError } from "../errors/errors.js";
import { isPrintableAscii } from "../text/characters.js";
import type { Capabilities, Limits } from "../wire/capabilities.js";
import type { Parameter } from "../wire/command.js";

/** A validated envelope, independent of a server. */
export interface Envelope {
  /** Undefined is the null reverse-path `<>`. */
  readonly sender: AddrSpec | undefined;
  readonly recipients: readonly EnvelopeRecipient[];
  /** Parameters of MAIL, DSN's included. */
  readonly mailParameters: readonly Parameter[];
  /** Parameters of every RCPT. */
  readonly rcptParameters: readonly Parameter[];
}

export interface EnvelopeRecipient extends AddrSpec {
  /** Parameters of this RCPT only. */
  readonly parameters: readonly Parameter[];
}

/** What MAIL needs to know of the content. */
export interface ContentFacts {
  /** Exact bytes on the wire, dots not doubled (RFC 1870 §5); undefined when not known. */
  readonly size: number | undefined;
  /** Undefined when not known. */
  readonly hasEightBit: boolean | undefined;
  /** Headers in UTF-8 (RFC 6532). */
  readonly hasUtf8Headers: boolean;
}

/** Lines without CRLF. */
export interface EnvelopeCommands {
  /** Undefined when the caller sent the envelope by hand. */
  readonly mail: string | undefined;
  readonly recipients: readonly string[];
}

/** For an envelope that the caller sent by hand: only content follows. */
export const MANUAL_ENVELOPE: EnvelopeCommands = { mail: undefined, recipients: [] };

/** The extension of a parameter; other parameters are not checked. */
const EXTENSION_OF: ReadonlyMap<string, string> = new Map([
  ["SMTPUTF8", "SMTPUTF8"],
  ["SIZE", "SIZE"],
  ["BODY", "8BITMIME"],
  ["RET", "DSN"],
  ["ENVID", "DSN"],
  ["NOTIFY", "DSN"],
  ["ORCPT", "DSN"],
  ["REQUIRETLS", "REQUIRETLS"],
  ["BY", "DELIVERBY"],
  ["HOLDFOR", "FUTURERELEASE"],
  ["HOLDUNTIL", "FUTURERELEASE"],
  ["MT-PRIORITY", "MT-PRIORITY"],
  ["AUTH", "AUTH"],
]);

/** Whether this envelope needs SMTPUTF8. */
export function needsUtf8(envelope: Envelope): boolean {
  return (
    (envelope.sender !== undefined && envelope.sender.asciiAddress === undefined) ||
    envelope.recipients.some((recipient) => recipient.asciiAddress === undefined) ||
    envelope.mailParameters.some((parameter) => parameter.keyword === "SMTPUTF8" || !isAscii(parameter)) ||
    envelope.rcptParameters.some((parameter) => !isAscii(parameter)) ||
    envelope.recipients.some((recipient) => recipient.parameters.some((parameter) => !isAscii(parameter)))
  );
}

/**
 * The commands for one server.
 *
 * @throws SmtpNotSupportedError when the server lacks what the envelope or the content needs.
 * @throws MessageError when the content is larger than the server's SIZE.
 */
export function planEnvelope(envelope: Envelope, facts: ContentFacts, capabilities: Capabilities): EnvelopeCommands {
  const { extensions } = capabilities;
  const utf8 = facts.hasUtf8Headers || needsUtf8(envelope);
  checkOffered(envelope, utf8, capabilities);
  let parameters = parameterText(envelope.mailParameters);
  const given = envelope.mailParameters;
  if (facts.size !== undefined && extensions.has("SIZE") && !isGiven(given, "SIZE"))
    parameters += ` SIZE=${facts.size}`;
  checkSize(facts, capabilities);
  const body = bodyParameter(facts, extensions);
  if (body !== undefined && !isGiven(given, "BODY")) parameters += ` ${body}`;
  if (utf8 && !isGiven(given, "SMTPUTF8")) parameters += " SMTPUTF8";
  const shared = parameterText(envelope.rcptParameters);
  return {
    mail: `MAIL FROM:<${envelope.sender === undefined ? "" : pathAddress(envelope.sender)}>${parameters}`,
    recipients: envelope.recipients.map(
      (recipient) => `RCPT TO:<${pathAddress(recipient)}>${shared}${parameterText(recipient.parameters)}`,
    ),
  };
}

/**
 * Splits an envelope into one per transaction; the same envelope when it is within the limits. Recipients keep their order, except
 * that those of one domain stay together where the number of domains is limited.
 */
export function splitEnvelope(envelope: Envelope, limits: Limits): readonly Envelope[] {
  const { recipients } = envelope;
  const { rcptMax = recipients.length, rcptDomainMax } = limits;
  const hasTooManyDomains = rcptDomainMax !== undefined && recipientDomains(envelope).size > rcptDomainMax;
  if (!hasTooManyDomains && recipients.length <= rcptMax) return [envelope];
  const groups = hasTooManyDomains ? groupByDomains(recipients, rcptDomainMax) : [recipients];
  return groups.flatMap((group) => slices(group, rcptMax).map((slice) => ({ ...envelope, recipients: slice })));
}

/** The distinct domains of the recipients, normalized. */
export function recipientDomains({ recipients }: Envelope): ReadonlySet<string> {
  return new Set(recipients.map(domainOf));
}

/** RFC 6531 §3.3: values beyond ASCII need SMTPUTF8. */
function isAscii({ text }: Parameter): boolean {
  return isPrintableAscii(text);
}

function isGiven(parameters: readonly Parameter[], keyword: string): boolean {
  return parameters.some((parameter) => parameter.keyword === keyword);
}

/** Each with the space before it. */
function parameterText(parameters: readonly Parameter[]): string {
  let text = "";
  for (const parameter of parameters) text += ` ${parameter.text}`;
  return text;
}

function checkOffered(envelope: Envelope, utf8: boolean, { extensions }: Capabilities): void {
  if (utf8 && !extensions.has("SMTPUTF8")) {
    throw new SmtpNotSupportedError("SMTPUTF8", {
      reason: "The server does not offer SMTPUTF8, which an address or option of this message needs",
      phase: "mail",
    });
  }
  const check = (parameters: readonly Parameter[], phase: "mail" | "rcpt"): void => {
    for (const { keyword, text } of parameters) {
      if (/^BODY=BINARYMIME$/i.test(text)) throw binaryError();
      const extension = EXTENSION_OF.get(keyword);
      if (extension === undefined || extensions.has(extension)) continue;
      throw new SmtpNotSupportedError(extension, {
        reason: `The server does not offer ${extension}, which the parameter ${keyword} needs`,
        phase,
      });
    }
  };
  check(envelope.mailParameters, "mail");
  check(envelope.rcptParameters, "rcpt");
  for (const recipient of envelope.recipients) check(recipient.parameters, "rcpt");
}

/** RFC 3030 §3: a BINARYMIME message must not go by DATA, which replaces BDAT on servers that refuse it. */
function binaryError(): SmtpNotSupportedError {
  return new SmtpNotSupportedError("BINARYMIME", {
    reason:
      "BODY=BINARYMIME needs a server that takes BDAT for sure, and Postrider may have to send by DATA (RFC 3030 §3)",
    phase: "mail",
    hint: "Leave BODY out: the content is sent as it is, in lines, with BODY=8BITMIME where it needs that",
  });
}

function checkSize(facts: ContentFacts, capabilities: Capabilities): void {
  const limit = capabilities.maxSize;
  if (facts.size === undefined || limit === undefined || facts.size <= limit) return;
  throw new MessageError("message", `has ${facts.size} bytes; the server takes at most ${limit} (SIZE)`, {
    phase: "mail",
  });
}

function bodyParameter(facts: ContentFacts, extensions: ReadonlyMap<string, string>): string | undefined {
  if (facts.hasEightBit === false) return undefined;
  if (extensions.has("8BITMIME")) return "BODY=8BITMIME";
  // A stream may turn out to be ASCII; if not, it is stopped before its end.
  if (facts.hasEightBit === undefined) return undefined;
  throw new SmtpNotSupportedError("8BITMIME", {
    reason: "The message has bytes above 127 and the server does not offer 8BITMIME",
    phase: "mail",
    hint: "Encode the content as quoted-printable or base64",
  });
}

function domainOf(recipient: EnvelopeRecipient): string {
  const key = mailboxKey(recipient);
  return key.slice(key.lastIndexOf("@") + 1);
}

/** Groups recipients, at most `max` domains each, by first appearance. */
function groupByDomains(recipients: readonly EnvelopeRecipient[], max: number): readonly EnvelopeRecipient[][] {
  const groups: EnvelopeRecipient[][] = [];
  const groupOf = new Map<string, number>();
  for (const recipient of recipients) {
    const domain = domainOf(recipient);
    const index = groupOf.get(domain) ?? Math.floor(groupOf.size / max);
    groupOf.set(domain, index);
    const group = groups[index];
    if (group === undefined) groups.push([recipient]);
    else group.push(recipient);
  }
  return groups;
}

function slices<T>(items: readonly T[], length: number): readonly T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += length) result.push(items.slice(start, start + length));
  return result;
}
