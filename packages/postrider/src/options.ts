/**
 * The options of a connection and of a delivery, as plain data. Their rules are in options/.
 *
 * Layer: root vocabulary.
 */
import type { Duplex } from "node:stream";
import type { ConnectionOptions as NodeTlsOptions } from "node:tls";
import type { DkimSigner } from "./dkim/dkim-signer.js";

/** Node's own names for TLS; see `tls.connect` and `tls.createSecureContext`. */
export type TlsOptions = Pick<
  NodeTlsOptions,
  | "ca"
  | "cert"
  | "key"
  | "passphrase"
  | "pfx"
  | "crl"
  | "ciphers"
  | "sigalgs"
  | "ecdhCurve"
  | "minVersion"
  | "maxVersion"
  | "rejectUnauthorized"
  | "checkServerIdentity"
  | "servername"
  | "ALPNProtocols"
  | "secureContext"
  | "session"
>;

/** A token, or a function that gives one for each connection (RFC 6750). */
export type AccessToken = string | ((request?: AccessTokenRequest) => string | Promise<string>);

export interface AccessTokenRequest {
  /** True when the server refused the token given before. */
  readonly expired?: boolean;
}

/** One line of the dialogue, secrets redacted, or a change of the connection. */
export type TraceEvent =
  | { readonly type: "connect"; readonly peer: string; readonly secure: boolean }
  | { readonly type: "secure"; readonly protocol: string | undefined; readonly cipher: string | undefined }
  /** A line the client wrote, without CRLF. */
  | { readonly type: "client"; readonly line: string }
  /** A line the server wrote, without CRLF. */
  | { readonly type: "server"; readonly line: string }
  /** Message content is counted, not shown. */
  | { readonly type: "content"; readonly bytes: number }
  | { readonly type: "close"; readonly reason: string | undefined };

export interface ConnectionOptions {
  /**
   * `smtp://`, `smtps://` or `lmtp://`, with user, password, host, port and options: `smtp://user:pw@host:587?startTls=true`.
   * After the question mark may stand `useTls`, `startTls`, `allowPlaintextAuth`, `timeout`, `deliveryTimeout`,
   * `localHostname`, `localAddress` and `authMethods` (with commas). Other options beside it must not contradict it.
   */
  readonly url?: string | URL | undefined;
  /** Name or address of the server; default `"localhost"`. With `socketPath` or `socket`: whom the certificate must name. */
  readonly hostname?: string | undefined;
  /** Default 465 with `useTls`, 587 with `startTls: true`, else 25. LMTP has no default. */
  readonly port?: number | undefined;
  /** Path of a Unix socket, in place of `hostname` and `port`. */
  readonly socketPath?: string | undefined;
  /** A connected stream of your own (serves once), or a function that opens one (called for each connection). */
  readonly socket?: Duplex | (() => Duplex | Promise<Duplex>) | undefined;
  /**
   * The way to the server, which the proxy looks up: `http://user:password@host:port` (CONNECT; also `https://`), or
   * `socks5://user:password@host:port` (also `socks4://`) with the package `socks` installed. User and password may be absent.
   */
  readonly proxy?: string | URL | undefined;
  /** `"lmtp"` greets with LHLO (RFC 2033); default `"smtp"`. */
  readonly protocol?: "smtp" | "lmtp" | undefined;
  /** TLS from the first byte; default true on port 465. */
  readonly useTls?: boolean | undefined;
  /**
   * `true`: STARTTLS or an error. `false`: never. Absent: when the server offers it, and there is a name to check its
   * certificate against.
   */
  readonly startTls?: boolean | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly accessToken?: AccessToken | undefined;
  /** Mechanisms to use, in this order, in any letter case; default: strongest first. `"EXTERNAL"` is used only when named here. */
  readonly authMethods?: readonly string[] | undefined;
  /** Allows credentials on a connection without TLS to another machine; default false. */
  readonly allowPlaintextAuth?: boolean | undefined;
  /** The name given in EHLO; default: this machine's domain name, else the address literal of the connection. */
  readonly localHostname?: string | undefined;
  /** The local IP address to connect from. */
  readonly localAddress?: string | undefined;
  /**
   * Milliseconds without progress; a line of the server's is progress, less is none. A number is for every step; an object sets
   * steps apart, the others keep their defaults. Default 60 000, and 30 000 for the greeting.
   */
  readonly timeout?: number | StepTimeouts | undefined;
  /** Milliseconds for the reply after the content; default 600 000 (RFC 5321 §4.5.3.2.6). */
  readonly deliveryTimeout?: number | undefined;
  /** `"auto"`: BDAT where the server offers CHUNKING (RFC 3030). `"never"`: DATA. Default `"auto"`. */
  readonly chunking?: "auto" | "never" | undefined;
  /**
   * The most messages without a verdict on one connection; default 64. The window starts at 16 and grows while the server keeps up.
   * 1: nothing is written ahead of a verdict.
   */
  readonly maxInFlight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Signs every message that `send` sends (RFC 6376); several signers give several signatures. */
  readonly dkim?: DkimSigner | readonly DkimSigner[] | undefined;
  /** Called for every line both ways; secrets are redacted. */
  readonly trace?: ((event: TraceEvent) => void) | undefined;
}

/** Milliseconds without progress, by step. */
export interface StepTimeouts {
  /** Name, TCP, proxy, and TLS from the first byte. Default 60 000. */
  readonly connect?: number | undefined;
  /** The server's first words. Default 30 000. */
  readonly greeting?: number | undefined;
  /** The reply to each command. Default 60 000. */
  readonly command?: number | undefined;
  /** Each piece of the content on its way to the server. Default 60 000. */
  readonly content?: number | undefined;
}

/** When the server reports on a recipient (RFC 3461 §4.1). */
export type Notify = "never" | readonly ("success" | "failure" | "delay")[];

export interface Recipient {
  readonly address: string;
  readonly notify?: Notify | undefined;
  /** The recipient as first given, for reports: one address, or `"type;text"` for a type other than rfc822 (RFC 3461 §4.2). */
  readonly originalRecipient?: string | undefined;
}

/** A time limit for a delivery, and what happens when it is missed (RFC 2852 §4). */
export interface DeliverBy {
  /** Seconds from now; with mode "notify" it may be 0 or below. */
  readonly seconds: number;
  /** `"return"`: the message comes back. `"notify"`: a report comes, and delivery goes on. */
  readonly mode: "return" | "notify";
  /** Asks each server on the way for a report. */
  readonly trace?: boolean | undefined;
}

export interface DeliveryOptions {
  /** The envelope sender; `""` is the null sender `<>`. Default: from the message. */
  readonly sender?: string | undefined;
  /** Default: from the message. A string may hold several addresses, with commas between. */
  readonly recipients?: string | readonly (string | Recipient)[] | undefined;
  /**
   * A raw message names its sender and recipients itself, in its header; what `sender` and `recipients` say goes before. Bcc and
   * Resent-Bcc are then left out of what is sent. Default false: the header of a raw message is not read.
   */
  readonly envelopeFromHeaders?: boolean | undefined;
  /** Further MAIL parameters, as they go on the wire: `"BODY=8BITMIME"`. */
  readonly mailOptions?: readonly string[] | undefined;
  /** Further RCPT parameters, for every recipient. */
  readonly rcptOptions?: readonly string[] | undefined;
  /** Delivery status notifications (RFC 3461). */
  readonly dsn?:
    | { readonly return?: "full" | "headers" | undefined; readonly envelopeId?: string | undefined }
    | undefined;
  /** Every server on the way must use TLS with a certificate that holds, or send the message back (RFC 8689). */
  readonly requireTls?: boolean | undefined;
  /** When the message must have been delivered (RFC 2852). */
  readonly deliverBy?: DeliverBy | undefined;
  /** Seconds for which the server keeps the message before it goes on (RFC 4865). */
  readonly holdFor?: number | undefined;
  /** The time until which the server keeps the message (RFC 4865). */
  readonly holdUntil?: Date | undefined;
  /** -9 (last) to 9 (first) in the server's queue (RFC 6710). */
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a pool may do beyond what a connection may. */
export interface PoolOptions {
  /** Several relays in place of one: each has the pool's options, and its own on top. */
  readonly servers?: readonly ConnectionOptions[] | undefined;
  /** `"failover"`: the first that works, in this order. `"round-robin"`: all in turn. Default `"failover"`. */
  readonly strategy?: "failover" | "round-robin" | undefined;
  /** Connections open at the same time; default 5. */
  readonly maxConnections?: number | undefined;
  /** Messages after which a connection is replaced; default 1000. */
  readonly maxMessagesPerConnection?: number | undefined;
  /** Milliseconds after which an idle connection says QUIT; default 30 000. */
  readonly idleTimeout?: number | undefined;
  /** At most `messages` are handed to servers in any window of `per` milliseconds, over all connections. */
  readonly rateLimit?: { readonly messages: number; readonly per: number } | undefined;
}

/** Options of one call: those of the connection and those of the delivery. */
export type SendOptions = ConnectionOptions & DeliveryOptions;
