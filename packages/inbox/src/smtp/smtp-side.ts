/**
 * The SMTP side of the inbox: listens on a port, and on a path, and hands each connection over.
 */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, type SecureContext } from "node:tls";
import { InboxOptionError } from "../errors.js";
import { closed, listen } from "../listen.js";
import type { InboxSettings } from "../options.js";
import { type Accept, Connection, type ConnectionParts } from "./connection.js";
import { Intake } from "./intake.js";
import type { RuleBook } from "./rules.js";
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
  const context = identity === undefined ? undefined : secureContext(identity);
  const open = new OpenConnections({
    ...parts,
    secureContext: context,
    intake: new Intake(settings.maxBytes),
    session: sessionOptions(parts),
  });
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

/** @throws InboxOptionError */
function secureContext(identity: Identity): SecureContext {
  try {
    // QUIRK: Deno makes a context of any key and certificate, which then fails every handshake.
    createPrivateKey(identity.key);
    new X509Certificate(identity.cert);
    return createSecureContext(identity);
  } catch (error) {
    throw new InboxOptionError(
      "tls",
      `key and cert cannot be used: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
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

/** All connections, those within a handshake too. */
class OpenConnections {
  readonly #parts: ConnectionParts;
  readonly #connections = new Map<Socket, Connection>();
  /** Sockets as they were accepted, whatever was put around them. */
  readonly #sockets = new Set<Socket>();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** @param identity for TLS from the first byte. */
  server(identity: Identity | undefined): Server {
    const serve = (socket: Socket): void => this.#serve(socket);
    const server = identity === undefined ? createServer(serve) : createTlsServer(identity, serve);
    server.on("connection", (socket: Socket) => {
      // A socket has errors before anybody else listens for them.
      socket.on("error", () => undefined);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A broken handshake harms nobody else.
    server.on("tlsClientError", () => undefined);
    return server;
  }

  async close(servers: readonly Server[]): Promise<void> {
    const done = servers.map(closed);
    for (const server of servers) server.close();
    for (const connection of [...this.#connections.values()]) connection.close("The inbox is closing");
    for (const socket of [...this.#sockets]) socket.destroy();
    await Promise.all(done);
  }

  #serve(socket: Socket): void {
    this.#connections.set(socket, new Connection(socket, this.#parts));
    socket.once("close", () => this.#connections.delete(socket));
  }
}
