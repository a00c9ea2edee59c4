/**
 * The SMTP side of the inbox: listens on a port, and on a path, and hands each connection over.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { listen } from "../listen.js";
import { OpenConnections } from "../open-connections.js";
import type { InboxSettings } from "../options.js";
import { type Accept, Connection, type ConnectionParts } from "./connection.js";
import { Intake } from "./intake.js";
import type { RuleBook } from "./rules.js";
import { secureContextOf } from "./secure-context.js";
import type { Identity } from "./self-signed.js";
import type { SessionOptions } from "./session-types.js";

export interface SmtpSide {
  readonly port: number;
  /** Ends every connection with 421 and frees port and path. */
  close(): Promise<void>;
}

export interface SmtpParts {
  readonly settings: InboxSettings;
  readonly rules: RuleBook;
  /** Undefined without TLS. */
  readonly identity: Identity | undefined;
  readonly accept: Accept;
  /** Where the page is, when there is one: HELP tells it. */
  readonly pageUrl: () => string | undefined;
}

/** Answers to commands that this inbox does not offer. */
const NOT_OFFERED = {
  AUTH: '5.5.1 This inbox has no AUTH: start it with --auth any (option auth: "any"), or send without user name and password',
  STARTTLS: '5.5.1 This inbox has no TLS: start it with --tls starttls (option tls: "starttls"), or send without TLS',
};
const NO_TLS =
  '4.7.0 This port has no TLS from the first byte: start the inbox with --tls implicit (option tls: "implicit")';

/** @throws InboxListenError, InboxOptionError */
export async function startSmtpSide(parts: SmtpParts): Promise<SmtpSide> {
  const { settings, identity } = parts;
  const connectionParts: ConnectionParts = {
    ...parts,
    secureContext: identity === undefined ? undefined : secureContextOf(identity),
    intake: new Intake(settings.maxBytes),
    session: sessionOptions(parts),
  };
  const open = new OpenConnections((socket) => new Connection(socket, connectionParts));
  const main = open.server(settings.tlsMode === "implicit" ? identity : undefined);
  const port = await listen(main, "smtpPort", { host: settings.host, port: settings.smtpPort });
  const servers = [main];
  if (settings.socketPath !== undefined) {
    const unix = createServer((socket) => main.emit("connection", socket));
    servers.push(unix);
    await listen(unix, "socketPath", { path: settings.socketPath }).catch(async (error: unknown) => {
      await open.close([main]);
      throw error;
    });
  }
  return { port, close: () => open.close(servers) };
}

function sessionOptions({ settings, pageUrl }: SmtpParts): SessionOptions {
  const { auth, tlsMode, maxMessageBytes, protocol } = settings;
  return {
    banner: "Postrider inbox",
    protocol,
    secure: tlsMode === "implicit",
    startTls: tlsMode === "starttls",
    // Loopback is no place to eavesdrop on: AUTH is offered without TLS, too.
    auth: auth === undefined ? "none" : auth === "any" ? "optional" : "required",
    nonce: () => `<${randomBytes(12).toString("hex")}@localhost>`,
    maxMessageBytes,
    help: () => {
      const url = pageUrl();
      return url === undefined ? "Postrider inbox" : `Postrider inbox; its page is ${url}`;
    },
    notOffered: NOT_OFFERED,
    noTls: NO_TLS,
  };
}
