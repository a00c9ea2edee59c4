/**
 * Errors by nodemailer's codes. The error of postrider is the `cause`; its `outcome` and `retry` stand beside the code.
 *
 * Layer: nodemailer.
 */
import { type AnySmtpError, isSmtpError, type SmtpReply } from "postrider";
import type { NodemailerError } from "./types.js";

type Details = Omit<NodemailerError, "name" | "message" | "stack">;

/** An error of this package's own making. */
export function mailError(code: string, message: string, details: Details = {}): NodemailerError {
  const { cause, ...rest } = details;
  const error = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, { code }, rest);
}

/** Code and text in one line, as a server writes them. */
export function responseText({ code, lines }: Pick<SmtpReply, "code" | "lines">): string {
  return `${code} ${lines.join(" ")}`.trim();
}

/**
 * The error as programs for nodemailer know it. What is not an SmtpError stays what it is.
 *
 * @param signal when it is what ended the call, the error is an EABORT
 */
export function toNodemailerError(error: unknown, signal?: AbortSignal): NodemailerError {
  if (isSmtpError(error)) return fromSmtpError(error);
  if (signal?.aborted === true) {
    const aborted = mailError("EABORT", "The sending was aborted", { cause: error });
    aborted.name = "AbortError";
    return aborted;
  }
  return typeof error === "object" && error !== null && "message" in error
    ? (error as NodemailerError)
    : mailError("EMESSAGE", String(error));
}

const COMMANDS: Readonly<Record<string, string>> = {
  connect: "CONN",
  greeting: "CONN",
  hello: "EHLO",
  tls: "STARTTLS",
  auth: "AUTH",
  mail: "MAIL FROM",
  rcpt: "RCPT TO",
  data: "DATA",
  content: "DATA",
  quit: "QUIT",
  input: "API",
  command: "API",
};

function fromSmtpError(error: AnySmtpError): NodemailerError {
  const { message, outcome, retry } = error;
  const reply = replyOf(error);
  const made = mailError(codeOf(error), inKnownNames(message), { cause: error, outcome, retry });
  const command = commandOf(error);
  if (command !== undefined) made.command = command;
  if (reply !== undefined) {
    made.response = responseText(reply);
    made.responseCode = reply.code;
    made.permanent = reply.code >= 500 && reply.code !== 503;
  }
  copySystemFields(made, error.cause);
  if (error.code === "recipient-refused") made.recipient = error.recipient;
  if (error.code === "recipients-refused") {
    made.rejected = error.refused.map(({ recipient }) => recipient);
    made.rejectedErrors = error.refused.map((one) => fromSmtpError(one));
  }
  return made;
}

function replyOf(error: AnySmtpError): SmtpReply | undefined {
  if (error.code === "recipients-refused") return error.refused[0]?.reply;
  return "reply" in error ? error.reply : undefined;
}

const PLAINTEXT = "PLAINTEXT_AUTH";

function codeOf(error: AnySmtpError): string {
  switch (error.code) {
    case "connect":
      return isNameFailure(error.cause) ? "EDNS" : "ESOCKET";
    case "tls":
      // A failed handshake is an error of the socket there, whichever way into TLS it was; ETLS is about STARTTLS itself.
      return error.reason === PLAINTEXT ? "EAUTH" : "ESOCKET";
    case "timeout":
      return "ETIMEDOUT";
    case "disconnected":
      return "ECONNECTION";
    case "protocol":
    case "greeting":
    case "hello":
      return "EPROTOCOL";
    case "reply":
      return error.phase === "tls" ? "ETLS" : "EPROTOCOL";
    case "authentication":
      return "EAUTH";
    case "oauth":
      return "EOAUTH2";
    case "sender-refused":
    case "recipient-refused":
    case "recipients-refused":
    case "address":
      return "EENVELOPE";
    case "data":
    case "partial-delivery":
      return "EMESSAGE";
    case "not-supported":
      return error.phase === "tls" ? "ETLS" : error.phase === "auth" ? "EAUTH" : "EENVELOPE";
    case "message":
      if (typeof fieldOf(error.cause, "syscall") === "string") return "ESTREAM";
      return isEnvelopeField(error.field) ? "EENVELOPE" : "EMESSAGE";
    case "option":
      if (/^(?:authMethods|authenticate)\b/.test(error.option)) return "EAUTH";
      return /^(?:sender|recipients|dsn)\b/.test(error.option) ? "EENVELOPE" : "ECONFIG";
  }
}

function commandOf(error: AnySmtpError): string | undefined {
  if (error.code === "authentication") return `AUTH ${error.mechanism}`;
  if (error.code === "tls") return error.reason === PLAINTEXT ? "AUTH" : "CONN";
  return COMMANDS[error.phase];
}

/** The names of options, as programs for nodemailer know them. */
const OPTION_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\buseTls: true\b/g, "secure: true"],
  [/\buseTls: false\b/g, "secure: false"],
  [/\bstartTls: true\b/g, "requireTLS: true"],
  [/\bstartTls: false\b/g, "ignoreTLS: true"],
  [/\busername and password\b/g, "auth.user and auth.pass"],
  [/\bhostname and port\b/g, "host and port"],
  [/\bof hostname\b/g, "of host"],
  [/\blocalHostname\b/g, "name"],
];

function inKnownNames(message: string): string {
  return OPTION_NAMES.reduce((text, [pattern, name]) => text.replace(pattern, name), message);
}

/** The fields that name no one, and no one to send to. */
function isEnvelopeField(field: string): boolean {
  return /^(?:from|to|cc|bcc|sender|reply-?to|envelope)\b/i.test(field);
}

function isNameFailure(cause: unknown): boolean {
  return /^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL|EDNS)/.test(String(fieldOf(cause, "code") ?? ""));
}

function copySystemFields(error: NodemailerError, cause: unknown): void {
  const code = fieldOf(cause, "code");
  if (typeof code === "string") error.originalCode = code;
  for (const name of ["errno", "syscall", "address", "port", "hostname"]) {
    const value = fieldOf(cause, name);
    if (value !== undefined) Object.assign(error, { [name]: value });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
