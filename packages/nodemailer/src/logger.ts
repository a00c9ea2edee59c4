/**
 * Loggers: none, one for the console, or the program's own (bunyan, pino and their like).
 *
 * Layer: nodemailer.
 */
import type { TraceEvent } from "postrider";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

type Level = (typeof LEVELS)[number];

/** What a logger of bunyan's kind has; methods that it lacks are not called. */
type LogMethod = (...parameters: any[]) => void;

export interface Logger {
  level?: unknown;
  trace?: LogMethod;
  debug?: LogMethod;
  info?: LogMethod;
  warn?: LogMethod;
  error?: LogMethod;
  fatal?: LogMethod;
}

/** A logger with all its methods. */
export type CompleteLogger = Readonly<Record<Level, LogMethod>>;

interface Logging {
  readonly logger?: Logger | boolean | undefined;
  readonly component?: string | undefined;
}

/** The logger that the options name; what has no such method stays silent. */
export function getLogger({ logger, component = "postrider" }: Logging): CompleteLogger {
  const entries = LEVELS.map((level) => [level, methodOf(logger, level, component)] as const);
  return Object.fromEntries(entries) as CompleteLogger;
}

function methodOf(logger: Logging["logger"], level: Level, component: string): LogMethod {
  if (logger === true) {
    return (_entry: unknown, text: unknown) =>
      console.error(`[${new Date().toISOString()}] ${level.toUpperCase().padEnd(5)} ${component}: ${String(text)}`);
  }
  if (typeof logger !== "object" || logger === null || typeof logger[level] !== "function") return () => undefined;
  // The method is looked up with each call: test doubles are put in place later.
  return (entry: object, ...rest: unknown[]) => logger[level]?.({ component, ...entry }, ...rest);
}

/**
 * Writes the dialogue to the logger: for `transactionLog` and `debug`. Undefined when nobody asked for it. Secrets are redacted, and
 * content is counted.
 */
export function traceTo(
  options: Logging & { readonly debug?: boolean | undefined; readonly transactionLog?: boolean | undefined },
): ((event: TraceEvent) => void) | undefined {
  const isAsked = options.debug === true || options.transactionLog === true;
  if (!isAsked || options.logger === undefined || options.logger === null || options.logger === false) return undefined;
  const log = getLogger(options);
  return (event) => {
    switch (event.type) {
      case "client":
        return log.debug({ tnx: "client" }, `C: ${event.line}`);
      case "server":
        return log.debug({ tnx: "server" }, `S: ${event.line}`);
      case "content":
        return log.debug({ tnx: "message" }, `<${event.bytes} bytes of content>`);
      case "connect":
        return log.info({ tnx: "network" }, `Connection to ${event.peer}${event.secure ? " inside TLS" : ""}`);
      case "secure":
        return log.info({ tnx: "smtp" }, `Inside TLS: ${event.protocol ?? "?"} ${event.cipher ?? ""}`);
      case "close":
        return log.info(
          { tnx: "network" },
          `Connection closed${event.reason === undefined ? "" : `: ${event.reason}`}`,
        );
    }
  };
}
