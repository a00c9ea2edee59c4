/**
 * The SMTP side of the inbox: listens, speaks SMTP through smtp-server, hands over what arrives.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import { InboxOptionError } from "../errors.js";
import { closed, listen } from "../listen.js";
import type { InboxSettings } from "../options.js";
import { AUTH_METHODS } from "./authenticate.js";
import { type Accept, deliveryHandlers, MAX_RECIPIENTS } from "./delivery-handlers.js";
import type { RuleBook } from "./rules.js";
import type { Identity } from "./self-signed.js";
import { WireConnection } from "./wire-connection.js";

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
}

/** @throws InboxListenError, InboxOptionError */
export async function startSmtpSide(parts: SmtpParts): Promise<SmtpSide> {
  const { settings } = parts;
  const cut = (session: SMTPServerSession): void => {
    for (const connection of smtp.connections) if (connection.session === session) (connection as WireConnection).cut();
  };
  const handlers = deliveryHandlers({ ...parts, cut });
  const smtp: WireServer = createSmtpServer({ ...protocolOptions(parts), ...handlers }, parts.rules);
  // A fault of one client's connection (reset, bad handshake) ends that connection and nothing else.
  smtp.on("error", () => {});
  // QUIRK: for one turn after it was accepted, nobody else listens for the errors of a socket that is to be TLS.
  smtp.server.on("connection", (socket) => socket.on("error", () => {}));
  const port = await listen(smtp.server, "smtpPort", { host: settings.host, port: settings.smtpPort });
  const servers: Server[] = [smtp.server];
  if (settings.socketPath !== undefined) {
    const unix = createServer((socket) => smtp.server.emit("connection", socket));
    servers.push(unix);
    await listen(unix, "socketPath", { path: settings.socketPath }).catch(async (error: unknown) => {
      await closeAll(smtp, [smtp.server]);
      throw error;
    });
  }
  return { port, close: () => closeAll(smtp, servers) };
}

class WireServer extends SMTPServer {
  readonly #rules: RuleBook;

  constructor(options: SMTPServerOptions, rules: RuleBook) {
    super(options);
    this.#rules = rules;
  }

  override connect(socket: Socket, options?: SMTPConnectionOptions): void {
    const connection = new WireConnection(this, socket, options, this.#rules);
    this.connections.add(connection);
    connection.on("error", (error: Error) => this.emit("error", error));
    connection.init();
  }

  // QUIRK: smtp-server wraps a socket a turn after it was accepted, and Node 20 crashes on TLS over a socket that close()
  // has destroyed in between.
  override _upgrade(socket: Socket, callback: (error: Error | null, secure?: TLSSocket) => void): void {
    if (socket.destroyed) callback(new Error("Closed before the TLS handshake"));
    else super._upgrade(socket, callback);
  }
}

function createSmtpServer(options: SMTPServerOptions, rules: RuleBook): WireServer {
  try {
    // QUIRK: Deno makes a server of any key and certificate, which then fails every handshake.
    if (typeof options.key === "string") createPrivateKey(options.key);
    if (typeof options.cert === "string") new X509Certificate(options.cert);
    return new WireServer(options, rules);
  } catch (error) {
    throw new InboxOptionError(
      "tls",
      `key and cert cannot be used: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

function protocolOptions({ settings, identity }: SmtpParts): SMTPServerOptions {
  const { auth, tlsMode, maxMessageBytes, protocol } = settings;
  const disabledCommands: string[] = [];
  if (auth === undefined) disabledCommands.push("AUTH");
  if (tlsMode !== "starttls") disabledCommands.push("STARTTLS");
  return {
    name: "localhost",
    banner: "Postrider inbox",
    lmtp: protocol === "lmtp",
    logger: false,
    disableReverseLookup: true,
    secure: tlsMode === "implicit",
    ...identity,
    hideSTARTTLS: tlsMode !== "starttls",
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    size: maxMessageBytes,
    // QUIRK: with LMTP smtp-server counts the recipients for this refusal otherwise than the client; the intake refuses too.
    rejectOversized: protocol === "smtp",
    disabledCommands,
    authMethods: [...AUTH_METHODS],
    authOptional: auth === "any",
    // Loopback is no place to eavesdrop on, and refusing here would only hide what the client does next.
    allowInsecureAuth: true,
    // QUIRK: smtp-server reads `false` as its default of 10, which would cut off a client that probes before it logs in.
    maxAllowedUnauthenticatedCommands: Number.MAX_SAFE_INTEGER,
    maxRecipients: MAX_RECIPIENTS,
  };
}

async function closeAll(smtp: SMTPServer, servers: readonly Server[]): Promise<void> {
  const done = servers.map(closed);
  // Stops listening and drops connections that are still in their TLS handshake.
  smtp.close();
  for (const server of servers) if (server !== smtp.server) server.close();
  for (const connection of [...smtp.connections]) {
    connection.send(421, "The inbox is closing");
    connection._socket.destroy();
  }
  await Promise.all(done);
}
