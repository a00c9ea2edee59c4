/**
 * SmtpClient: one connection that a program keeps, for several messages or for single commands.
 *
 * Layer: client. RFC 5321.
 */

import { callSite, withCallSite } from "./connection/call-edge.js";
import { ClientQueue } from "./connection/client-queue.js";
import { readingWatch } from "./connection/clock.js";
import {
  type CommandOptions,
  checkLookUp,
  freeCommand,
  helloCommand,
  helpCommand,
  lookUpCommand,
  type ManualCommand,
  mailCommand,
  plainCommand,
  rcptCommand,
  recipientEnvelope,
  senderEnvelope,
} from "./connection/commands.js";
import type { Connection } from "./connection/connection.js";
import { Connector, QUIT_WAIT_MS, SharedAttempt, sendQuit } from "./connection/connector.js";
import { notConnected } from "./connection/ending.js";
import {
  OptionError,
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpNotSupportedError,
  SmtpTlsError,
} from "./errors/errors.js";
import type { ConnectionOptions } from "./options/connection-options.js";
import { attemptOptions, connectionOptions } from "./options/connection-options.js";
import { Credentials } from "./options/credentials.js";
import type { DeliveryOptions } from "./options/delivery-options.js";
import { localHostname as checkHelloName } from "./options/target.js";
import type { TlsOptions } from "./options/tls-options.js";
import { tlsOptions } from "./options/tls-options.js";
import type { SmtpReply } from "./reply.js";
import type { SendResult } from "./result.js";
import { findMechanism } from "./sasl/mechanisms.js";
import { type MessageInput, submitMessage, type UseSubmission, useAndClose } from "./submission/prepare.js";
import { isRawMessage, type RawMessage, rawContent, takeRawMessage } from "./submission/raw-message.js";
import type { ReadingWatch } from "./submission/submission.js";
import type { TlsInfo } from "./transport/transport.js";
import { NO_CAPABILITIES } from "./wire/capabilities.js";

/** What `auth()` takes: the user, and the secret that the mechanism needs. */
export interface AuthCredentials {
  readonly username: string;
  readonly password?: string | undefined;
  readonly accessToken?: string | undefined;
}

/**
 * A connection to one server. Calls may be made in parallel: they take turns in the order in which they were made, and
 * messages are pipelined where the server allows it.
 *
 * @example
 * await using client = await SmtpClient.connect({ hostname: "127.0.0.1", port: 1025 });
 * await client.send({ from: "ann@example.org", to: "bob@example.org", subject: "Hi", text: "Hello" });
 */
export class SmtpClient implements AsyncDisposable {
  readonly #connector: Connector;
  readonly #watch: ReadingWatch;
  readonly #queue = new ClientQueue({
    mayRenew: () => !this.#isByHand && this.#connector.mayReopen,
    open: (signal) => this.#connector.open({ signal, tlsSession: this.#connection?.transport.tlsSession }),
  });
  #connecting: SharedAttempt<SmtpReply> | undefined;
  /** Ends what is being opened. */
  #closing: AbortController | undefined;
  /** The caller has changed the session, so that no other connection can go on in its place. */
  #isByHand = false;

  /** Checks the options; nothing is opened yet. @throws OptionError */
  constructor(options: ConnectionOptions = {}) {
    this.#connector = new Connector(connectionOptions(options));
    this.#watch = readingWatch(this.#connector.options.timeouts.content);
  }

  readonly #send: UseSubmission<SendResult> = (submission, signal) => {
    this.#checkLive();
    return this.#queue.send(submission, signal);
  };

  /** A client that is connected already. */
  static async connect(options: ConnectionOptions = {}): Promise<SmtpClient> {
    const client = new SmtpClient(options);
    await client.connect();
    return client;
  }

  /**
   * Connects: TLS and credentials as the options say. A second call while one runs shares it; each has its own signal, and the
   * attempt ends when all have given up.
   *
   * @param options.timeout milliseconds for each step of this attempt only; for a second call, for all that it waits.
   * @returns the greeting.
   * @throws SmtpConnectError, SmtpTlsError, SmtpTimeoutError, SmtpGreetingError, SmtpAuthenticationError
   */
  async connect(options: { timeout?: number | undefined; signal?: AbortSignal | undefined } = {}): Promise<SmtpReply> {
    const site = callSite(this.connect);
    const attempt = attemptOptions(options);
    attempt.signal?.throwIfAborted();
    const running = this.#connecting;
    if (running !== undefined) return withCallSite(running.join(attempt), attempt.signal, site);
    this.#checkMayConnect();
    const closing = new AbortController();
    const opening = this.#open(attempt.timeout, closing).finally(() => this.#isNoLonger(connecting));
    const connecting = new SharedAttempt(opening, (reason) => {
      this.#isNoLonger(connecting);
      closing.abort(reason);
    });
    this.#connecting = connecting;
    return withCallSite(connecting.join({ signal: attempt.signal }), attempt.signal, site);
  }

  /**
   * Tries the options on a connection of its own: connects, greets, logs in and leaves. What a program calls when it starts.
   *
   * @throws as `connect()` does, and SmtpHelloError.
   */
  async verify(options: { timeout?: number | undefined; signal?: AbortSignal | undefined } = {}): Promise<void> {
    const attempt = attemptOptions(options);
    this.#connector.useSocket();
    const connection = await withCallSite(this.#connector.open(attempt), attempt.signal);
    try {
      await connection.hello();
    } finally {
      await sendQuit(connection);
    }
  }

  /**
   * Sends one message.
   *
   * Where the server sets limits (RFC 9422), it goes in as many transactions as they ask for, and on a new connection when this
   * one may carry no more; the result is one. A session changed by hand (`login`, `startTls`, `ehlo`, `execute`...) or on a
   * socket that was given stays what it is: what does not fit is then an SmtpNotSupportedError with `retry: "reconnect"`.
   *
   * @throws AddressError, MessageError, OptionError before anything is written; SmtpSenderRefusedError,
   * SmtpRecipientsRefusedError, SmtpDataError, SmtpNotSupportedError; SmtpDisconnectedError and SmtpTimeoutError, whose
   * `outcome` says whether the message may have been delivered; SmtpPartialDeliveryError when some recipients surely or perhaps
   * have it, and for others the connection failed.
   */
  send(message: MessageInput, options?: DeliveryOptions): Promise<SendResult> {
    return withCallSite(submitMessage(message, options, this.#send, this.#watch), options?.signal);
  }

  /** Greets again, and learns the extensions anew. @throws SmtpHelloError */
  async ehlo(name?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#greet(this.#connector.options.protocol === "lmtp" ? "LHLO" : "EHLO", name, options);
  }

  /** The old greeting, without extensions. @throws SmtpHelloError */
  async helo(name?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#greet("HELO", name, options);
  }

  async noop(options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(plainCommand("NOOP", undefined, "2yz"), options);
  }

  async rset(options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(plainCommand("RSET", undefined, "2yz"), options);
  }

  /** @throws SmtpReplyError unless 211, 214 or 250. */
  async help(topic?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(helpCommand(topic), options);
  }

  /** @throws SmtpReplyError unless 250, 251 or 252. */
  async vrfy(address: string, options: CommandOptions = {}): Promise<SmtpReply> {
    checkLookUp(address);
    return this.#run(lookUpCommand("VRFY", address, await this.#capabilities()), options);
  }

  /** @throws SmtpReplyError unless 250. */
  async expn(list: string, options: CommandOptions = {}): Promise<SmtpReply> {
    checkLookUp(list);
    return this.#run(lookUpCommand("EXPN", list, await this.#capabilities()), options);
  }

  /** Opens an envelope by hand; `""` is the null sender. @throws SmtpSenderRefusedError */
  async mail(sender: string, parameters: readonly string[] = [], options: CommandOptions = {}): Promise<SmtpReply> {
    const envelope = senderEnvelope(sender, parameters);
    return this.#run(mailCommand(envelope, await this.#capabilities()), options);
  }

  /** Adds a recipient to the envelope opened by hand. @throws SmtpRecipientRefusedError */
  async rcpt(recipient: string, parameters: readonly string[] = [], options: CommandOptions = {}): Promise<SmtpReply> {
    const envelope = recipientEnvelope(recipient, parameters);
    return this.#run(rcptCommand(envelope, await this.#capabilities()), options);
  }

  /** DATA and the content, for the envelope opened by hand. @throws SmtpDataError */
  async data(content: RawMessage, options: CommandOptions = {}): Promise<SmtpReply> {
    if (!isRawMessage(content)) throw new OptionError("content", "must be a string, bytes or a stream of bytes");
    const delivery = { envelope: undefined, ...rawContent(takeRawMessage(content)) };
    const sending = useAndClose(delivery, async () => {
      this.#checkLive();
      return this.#queue.sendContent(delivery, options.signal);
    });
    return withCallSite(sending, options.signal, callSite(this.data));
  }

  /**
   * Upgrades to TLS; the server is greeted again before the next command.
   *
   * @throws SmtpNotSupportedError, SmtpReplyError (the session goes on in clear text), SmtpTlsError (it is closed).
   */
  async startTls(tls?: TlsOptions, { signal }: CommandOptions = {}): Promise<SmtpReply> {
    const options = tls === undefined ? this.#connector.options.tls : tlsOptions(tls, "tls");
    const connection = await this.#liveByHand();
    const { peer, isSecure } = connection.transport;
    if (isSecure) throw new SmtpTlsError(peer, { problem: "the connection is inside TLS already" });
    if (peer.hostname === undefined && options?.servername === undefined) {
      throw new OptionError("tls.servername", "must be given (or hostname): the certificate is checked against it");
    }
    const { extensions } = await this.#capabilities();
    if (!extensions.has("STARTTLS")) {
      throw new SmtpNotSupportedError("STARTTLS", { reason: "The server does not offer STARTTLS", phase: "tls" });
    }
    const { upgrade } = await import("./connection/engine.js");
    return await withCallSite(upgrade(connection, options, signal), signal);
  }

  /** Logs in by the strongest mechanism that both sides know. @throws SmtpAuthenticationError, SmtpNotSupportedError */
  async login(username: string, password: string, { signal }: CommandOptions = {}): Promise<SmtpReply> {
    const credentials = new Credentials({ username, password });
    const connection = await this.#liveByHand();
    const { authenticate, checkMaySendSecrets } = await import("./connection/engine.js");
    checkMaySendSecrets(connection, this.#connector.options.allowPlaintextAuth);
    return await withCallSite(
      authenticate(connection, credentials, this.#connector.options.authMethods, signal),
      signal,
    );
  }

  /** Logs in by one mechanism, named. @throws SmtpAuthenticationError */
  async auth(mechanism: string, credentials: AuthCredentials, { signal }: CommandOptions = {}): Promise<SmtpReply> {
    const { name } = findMechanism(mechanism);
    const connection = await this.#liveByHand();
    const { checkMaySendSecrets, tryMechanism } = await import("./connection/engine.js");
    checkMaySendSecrets(connection, this.#connector.options.allowPlaintextAuth);
    const reply = await tryMechanism(connection, name, new Credentials(credentials), signal);
    if (reply instanceof Error) throw reply;
    return reply;
  }

  /**
   * Sends any other command and gives its reply, whatever the code.
   *
   * @throws OptionError for text that may not go on the wire, and for DATA, BDAT, STARTTLS and AUTH, which have methods.
   */
  async execute(command: string, options: CommandOptions = {}): Promise<SmtpReply> {
    const free = freeCommand(command);
    this.#isByHand = true;
    return this.#run(free, options);
  }

  /** Lets the messages before it finish, says QUIT, and closes. */
  async quit(options: CommandOptions = {}): Promise<SmtpReply> {
    try {
      return await this.#run(plainCommand("QUIT", undefined, "2yz"), options);
    } finally {
      this.#queue.end({ kind: "closed" });
    }
  }

  /** Closes at once; what is in flight, a `connect()` too, is rejected with what is true of it. */
  close(): void {
    this.#connecting = undefined;
    this.#closing?.abort(new SmtpDisconnectedError("The connection was closed by close()", { phase: "connect" }));
    this.#queue.end({ kind: "closed" });
  }

  /** QUIT when the connection still stands, with 2 s for its reply; always closed after. Errors of QUIT are not reported. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection !== undefined) this.#connection.quitTimeout = QUIT_WAIT_MS;
    if (this.isConnected) await this.quit().catch(() => undefined);
    this.close();
  }

  get isConnected(): boolean {
    return this.#connection !== undefined && this.#connection.ending === undefined;
  }

  /** Inside TLS. */
  get isSecure(): boolean {
    return this.isConnected && this.#connection?.transport.isSecure === true;
  }

  /** The last connection's greeting. */
  get greeting(): SmtpReply | undefined {
    return this.#connector.greeting;
  }

  /** Upper-case keyword -> parameters; empty before EHLO was answered. */
  get extensions(): ReadonlyMap<string, string> {
    return (this.#connection?.capabilities ?? NO_CAPABILITIES).extensions;
  }

  supports(extension: string): boolean {
    return this.extensions.has(extension.toUpperCase());
  }

  /** Mechanisms that the server offers, upper case. */
  get authMethods(): readonly string[] {
    return (this.#connection?.capabilities ?? NO_CAPABILITIES).authMethods;
  }

  get tlsInfo(): TlsInfo | undefined {
    return this.#connection?.transport.tlsInfo;
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #checkMayConnect(): void {
    const { target } = this.#connector.options;
    const peer = target.kind === "tcp" ? target : {};
    if (this.isConnected)
      throw new SmtpConnectError(peer, { reason: "this client is connected already", retry: "never" });
    this.#connector.useSocket();
  }

  #isNoLonger(attempt: SharedAttempt<SmtpReply>): void {
    if (this.#connecting === attempt) this.#connecting = undefined;
  }

  async #open(timeout: number | undefined, closing: AbortController): Promise<SmtpReply> {
    this.#closing = closing;
    const connection = await this.#connector.open({ timeout, signal: closing.signal });
    // Too late for the signal: it was opened in the moment of the close.
    if (closing.signal.aborted) connection.end({ kind: "closed" });
    closing.signal.throwIfAborted();
    this.#isByHand = false;
    this.#queue.attach(connection);
    return this.#connector.greeting as SmtpReply;
  }

  get #connection(): Connection | undefined {
    return this.#queue.connection;
  }

  /** The connection for several steps by hand: they begin and end on the same. */
  async #liveByHand(): Promise<Connection> {
    this.#checkLive();
    this.#isByHand = true;
    await this.#queue.renewed;
    return this.#live();
  }

  #checkLive(): void {
    if (!this.#queue.isRenewing) this.#live();
  }

  /** The connection, when there is one. */
  #live(): Connection {
    const connection = this.#connection;
    if (connection !== undefined && connection.ending === undefined) return connection;
    throw notConnected(connection?.ending, connection?.transport.peer ?? {}, connection?.lastReply);
  }

  #run(command: ManualCommand, { signal }: CommandOptions): Promise<SmtpReply> {
    return withCallSite(this.#ask(command, signal), signal, callSite(this.#run));
  }

  async #ask(command: ManualCommand, signal: AbortSignal | undefined): Promise<SmtpReply> {
    this.#checkLive();
    const reply = await this.#queue.command(command.work, command.needsHello, signal);
    const refusal = command.refusal(reply);
    if (refusal !== undefined) throw refusal;
    return reply;
  }

  async #greet(verb: "EHLO" | "HELO" | "LHLO", name: string | undefined, options: CommandOptions): Promise<SmtpReply> {
    const checked = name === undefined ? undefined : checkHelloName(name, "name");
    this.#isByHand = true;
    return this.#run(helloCommand(verb, checked ?? this.#live().settings.localHostname), options);
  }

  async #capabilities(): Promise<typeof NO_CAPABILITIES> {
    const connection = this.#live();
    await connection.hello();
    return connection.capabilities ?? NO_CAPABILITIES;
  }
}
