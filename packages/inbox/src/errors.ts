/**
 * The inbox's own failures, each a class with a literal `code`.
 */

export type InboxErrorCode = "option" | "listen" | "timeout" | "closed" | "request";

/** The base of all errors of the inbox. An abort is not one of them: it rejects with `signal.reason`. */
export abstract class InboxError extends Error {
  /** What happened, for `switch`. */
  abstract readonly code: InboxErrorCode;
}

/** An option that is unknown, of the wrong kind, or at odds with another; nothing was opened. */
export class InboxOptionError extends InboxError {
  override readonly code = "option";
  /** The name of the class. */
  override readonly name = "InboxOptionError";
  /** The option, such as `"smtpPort"`. */
  readonly option: string;
  constructor(option: string, rule: string, cause?: unknown) {
    super(`${option}: ${rule}`, cause === undefined ? undefined : { cause });
    this.option = option;
  }
}

/** A port or a socket path could not be had; nothing stays open. `cause` is the error of the operating system. */
export class InboxListenError extends InboxError {
  override readonly code = "listen";
  /** The name of the class. */
  override readonly name = "InboxListenError";
  /** The option that asked for it. */
  readonly option: "smtpPort" | "webPort" | "pop3Port" | "socketPath";
  /** The port, absent for a socket path. */
  readonly port: number | undefined;
  /** True when another program holds the port or the path, so that another one would do. */
  readonly inUse: boolean;

  constructor(
    option: "smtpPort" | "webPort" | "pop3Port" | "socketPath",
    place: { host: string; port: number } | string,
    cause: unknown,
  ) {
    const system = systemCode(cause);
    const where = typeof place === "string" ? place : `port ${place.port} on ${place.host}`;
    super(`${option}: cannot listen on ${where}: ${explain(option, system)}`, { cause });
    this.option = option;
    this.port = typeof place === "string" ? undefined : place.port;
    this.inUse = system === "EADDRINUSE";
  }
}

/** No message that fits arrived in time; the message of the error lists those that did arrive. */
export class InboxTimeoutError extends InboxError {
  override readonly code = "timeout";
  /** The name of the class. */
  override readonly name = "InboxTimeoutError";
  /** Milliseconds waited. */
  readonly timeout: number;
  constructor(timeout: number, arrived: string) {
    super(`No matching message within ${timeout} ms. ${arrived}`);
    this.timeout = timeout;
  }
}

/** The inbox was closed while something waited for a message. */
export class InboxClosedError extends InboxError {
  override readonly code = "closed";
  /** The name of the class. */
  override readonly name = "InboxClosedError";
  constructor() {
    super("The inbox is closed: no more messages will arrive");
  }
}

/** An inbox elsewhere did not answer, or answered with an error. */
export class InboxRequestError extends InboxError {
  override readonly code = "request";
  /** The name of the class. */
  override readonly name = "InboxRequestError";
  /** Of the inbox, without a password. */
  readonly url: string;
  /** Of HTTP; undefined when nothing answered. 401: the password is missing or wrong. */
  readonly status: number | undefined;
  constructor(url: string, status: number | undefined, reason: string, cause?: unknown) {
    super(`${url}: ${reason}`, cause === undefined ? undefined : { cause });
    this.url = url;
    this.status = status;
  }
}

function systemCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
}

function explain(option: string, system: string | undefined): string {
  const other = option === "socketPath" ? "choose another path" : `choose another ${option}, or 0 for any free port`;
  if (system === "EADDRINUSE" && option === "socketPath")
    return "the path exists already; remove it or choose another path";
  if (system === "EADDRINUSE") return `it is in use by another program; ${other}`;
  if (system === "EACCES") return `no permission; ${other}`;
  return system ?? "the operating system refused";
}
