/**
 * The POP3 side of the inbox: listens on a port, checks logins, and hands each connection over.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { listen } from "../listen.js";
import { OpenConnections } from "../open-connections.js";
import type { InboxLogin, InboxSettings } from "../options.js";
import { authenticate } from "../smtp/authenticate.js";
import { secureContextOf } from "../smtp/secure-context.js";
import type { Identity } from "../smtp/self-signed.js";
import type { MessageStore } from "../store/message-store.js";
import { Pop3Connection, type Pop3ConnectionParts } from "./connection.js";
import { mailboxOf } from "./mailbox-of.js";
import type { Pop3Options } from "./session.js";

export interface Pop3Side {
  readonly port: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

export interface Pop3Parts {
  readonly settings: Pick<InboxSettings, "host" | "password" | "auth" | "tlsMode">;
  /** Where it listens; 0 is any free port. */
  readonly port: number;
  readonly store: MessageStore;
  /** Undefined without TLS. */
  readonly identity: Identity | undefined;
  /** Default: the ten minutes that RFC 1939 §3 asks for. */
  readonly idleMs?: number | undefined;
  /** Default 200. */
  readonly maxConnections?: number | undefined;
}

const IDLE_MS = 10 * 60 * 1000;
/** SECURITY: each holds a list of messages, and a piece of one. */
const MAX_CONNECTIONS = 200;

/** @throws InboxListenError, InboxOptionError */
export async function startPop3Side(parts: Pop3Parts): Promise<Pop3Side> {
  const { settings, identity, idleMs = IDLE_MS, maxConnections = MAX_CONNECTIONS } = parts;
  const connectionParts: Pop3ConnectionParts = {
    session: sessionOptions(parts),
    secureContext: identity === undefined ? undefined : secureContextOf(identity),
    idleMs,
  };
  const serve = (socket: Socket): { close(): void } => {
    if (open.size <= maxConnections) return new Pop3Connection(socket, connectionParts);
    socket.end("-ERR [SYS/TEMP] There are too many connections\r\n", () => socket.destroy());
    return { close: () => socket.destroy() };
  };
  const open = new OpenConnections(serve);
  const server = open.server(settings.tlsMode === "implicit" ? identity : undefined);
  const port = await listen(server, "pop3Port", { host: settings.host, port: parts.port });
  return { port, close: () => open.close([server]) };
}

function sessionOptions({ settings, store }: Pop3Parts): Pop3Options {
  const { tlsMode, auth } = settings;
  const credentials = credentialsOf(settings);
  return {
    secure: tlsMode === "implicit",
    startTls: tlsMode === "starttls",
    nonce: () => `<${randomBytes(12).toString("hex")}@localhost>`,
    open: (login) => {
      const name = authenticate(credentials, login);
      return name === undefined ? undefined : mailboxOf(store, name, auth !== undefined);
    },
  };
}

/** SECURITY: what reads mail asks for what the page asks for; without a password of the page, for what SMTP asks for. */
function credentialsOf({ password, auth = "any" }: Pop3Parts["settings"]): InboxLogin | "any" {
  return password === undefined ? auth : { username: undefined, password };
}
