/**
 * The SMTP side of the inbox: listens, speaks SMTP through smtp-server, hands over what arrives.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { SMTPServer, type SMTPServerEnvelope, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import { InboxOptionError } from "../errors.js";
import { closed, listen } from "../listen.js";
import type { InboxSettings } from "../options.js";
import type { Delivery } from "../parse-message.js";
import { AUTH_METHODS, authenticate } from "./authenticate.js";
import { Intake } from "./intake.js";
import { WireConnection } from "./wire-connection.js";

/** RFC 5321 §4.5.3.1.8 asks for 100; a hundred times that still bounds what one transaction holds. */
const MAX_RECIPIENTS = 10_000;

export interface SmtpSide {
  readonly port: number;
  /** Ends every connection with 421 and frees port and path. */
  close(): Promise<void>;
}

/**
 * @param accept keeps a message; its client hears 250 when the promise resolves.
 * @throws InboxListenError, InboxOptionError
 */
export async function startSmtpSide(
  settings: InboxSettings,
  accept: (delivery: Delivery) => Promise<void>,
): Promise<SmtpSide> {
  const smtp = createSmtpServer({ ...protocolOptions(settings), ...deliveryHandlers(settings, accept) });
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
  override connect(socket: Socket, options?: SMTPConnectionOptions): void {
    const connection = new WireConnection(this, socket, options);
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

function createSmtpServer(options: SMTPServerOptions): WireServer {
  try {
    return new WireServer(options);
  } catch (error) {
    throw new InboxOptionError(
      "tls",
      `key and cert cannot be used: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

function protocolOptions({ auth, tls, maxMessageBytes }: InboxSettings): SMTPServerOptions {
  const disabledCommands: string[] = [];
  if (auth === undefined) disabledCommands.push("AUTH");
  if (tls?.mode !== "starttls") disabledCommands.push("STARTTLS");
  return {
    name: "localhost",
    banner: "Postrider inbox",
    logger: false,
    disableReverseLookup: true,
    secure: tls?.mode === "implicit",
    ...(tls === undefined ? {} : { key: tls.key, cert: tls.cert }),
    hideSTARTTLS: tls?.mode !== "starttls",
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    size: maxMessageBytes,
    rejectOversized: true,
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

function deliveryHandlers(settings: InboxSettings, accept: (delivery: Delivery) => Promise<void>): SMTPServerOptions {
  const intake = new Intake(settings.maxBytes);
  // QUIRK: smtp-server merges recipients that differ in case only. The envelope object is new for every transaction.
  const recipients = new WeakMap<SMTPServerEnvelope, string[]>();
  return {
    // Answered at once, not in the next turn: else a client that does not wait for the greeting is cut off.
    onConnect: (_session, callback) => callback(),
    onSecure: (_socket, _session, callback) => callback(),
    onAuth: (given, _session, callback) => {
      const username = settings.auth === undefined ? undefined : authenticate(settings.auth, given);
      if (username === undefined) return callback(null, { data: { status: "401", schemes: "bearer", scope: "mail" } });
      callback(null, { user: { username } });
    },
    // QUIRK: answered in the next turn, because smtp-server stalls when a whole transaction, sent without waiting for 354,
    // is handled within the end of the one before.
    onMailFrom: (_address, _session, callback) => setImmediate(callback),
    onRcptTo: ({ address }, { envelope }, callback) => {
      const list = recipients.get(envelope);
      if (list === undefined) recipients.set(envelope, [address]);
      else if (list.length < MAX_RECIPIENTS) list.push(address);
      callback();
    },
    onData: (stream, session, callback) => {
      const facts = describe(session, recipients.get(session.envelope) ?? []);
      intake
        .take(stream, (raw) => accept({ ...facts, receivedAt: new Date(), raw }))
        .then(
          () => callback(null, `OK: queued as ${facts.id}`),
          (error: Error) => callback(error),
        );
    },
  };
}

function describe(session: SMTPServerSession, recipients: readonly string[]): Omit<Delivery, "receivedAt" | "raw"> {
  const { mailFrom } = session.envelope;
  const user: { username: string } | false | undefined = session.user;
  return {
    id: randomBytes(8).toString("hex"),
    envelope: { sender: mailFrom === false ? "" : mailFrom.address, recipients: [...recipients] },
    secure: session.secure,
    username: user === false ? undefined : user?.username,
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
