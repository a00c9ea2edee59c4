/**
 * SmtpClient: one connection that a program keeps open, for several messages or for single commands.
 *
 * Layer: entry. RFC 5321.
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
import { Connector, greet, QUIT_WAIT_MS, SharedAttempt, sendQuit } from "./connection/connector.js";
import { notConnected } from "./connection/ending.js";
import {
  OptionError,
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpNotSupportedError,
  SmtpTlsError,
} from "./errors/errors.js";
import {
  type AttemptOptions,
  attemptOptions,
  type ConnectionOptions,
  type ConnectOptions,
  connectionOptions,
  connectOptions,
} from "./options/connection-options.js";
import { type AuthCredentials, Credentials } from "./options/credentials.js";
import type { DeliveryOptions } from "./options/delivery-options.js";
import { localHostname as checkHelloName } from "./options/target.js";
import { type TlsOptions, tlsOptions } from "./options/tls-options.js";
import type { SmtpReply } from "./reply.js";
import type { SendResult } from "./result.js";
import { findMechanism } from "./sasl/mechanisms.js";
import { type MessageInput, submitMessage, type UseSubmission, useAndClose } from "./submission/prepare.js";
import { isRawMessage, type RawMessage, rawContent, takeRawMessage } from "./submission/raw-message.js";
import type { ReadingWatch } from "./submission/submission.js";
import type { TlsInfo } from "./transport/transport.js";
import { NO_CAPABILITIES } from "./wire/capabilities.js";

/**
 * A connection to one server. Calls may be made in parallel: they run in the order in which they were made, and messages are
 * pipelined where the server offers PIPELINING (RFC 2920).
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
  /** Aborts the connection attempt. */
  #closing: AbortController | undefined;
  /** The caller has changed the session by hand: a new connection could not continue it. */
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

  /** Makes a client and connects it. @throws OptionError, and as `connect()` does. */
  static async connect(options: ConnectionOptions = {}): Promise<SmtpClient> {
    const client = new SmtpClient(options);
    await client.connect();
    return client;
  }

  /**
   * Connects, with TLS, EHLO and login as the options say. A second call during an attempt shares the attempt; each call has its own
   * signal, and the attempt is aborted when all calls are.
   *
   * @param options limits of this attempt; for a call that shares an attempt, `timeout` limits its whole wait.
   * @returns the greeting.
   * @throws SmtpConnectError, SmtpTlsError, SmtpTimeoutError, SmtpGreetingError, SmtpHelloError, SmtpAuthenticationError
   */
  async connect(options: ConnectOptions = {}): Promise<SmtpReply> {
    const site = callSite(this.connect);
    const attempt = connectOptions(options, this.#connector.options.greets);
    attempt.signal?.throwIfAborted();
    const running = this.#connecting;
    if (running !== undefined) return withCallSite(running.join(attempt), attempt.signal, site);
    this.#checkMayConnect();
    const closing = new AbortController();
    const opening = this.#open(attempt, closing).finally(() => this.#isNoLonger(connecting));
    const connecting = new SharedAttempt(opening, (reason) => {
      this.#isNoLonger(connecting);
      closing.abort(reason);
    });
    this.#connecting = connecting;
    return withCallSite(connecting.join({ signal: attempt.signal }), attempt.signal, site);
  }

  /** Tests the options on a connection of its own: connects, sends EHLO, logs in and sends QUIT. @throws as `connect()` does. */
  async verify(options: AttemptOptions = {}): Promise<void> {
    const attempt = attemptOptions(options);
    attempt.signal?.throwIfAborted();
    this.#connector.useSocket();
    await withCallSite(this.#tryOut(attempt), attempt.signal);
  }

  /**
   * Sends one message.
   *
   * Where the server announces limits (RFC 9422), the message is sent in several transactions, and on a new connection when this
   * one has reached its limit; there is one result. A session changed by hand (`login`, `startTls`, `ehlo`, `execute`...) or on a
   * given socket is not replaced: a message beyond the limits is then an SmtpNotSupportedError with `retry: "reconnect"`.
   *
   * @throws AddressError, MessageError, OptionError before anything is written; SmtpSenderRefusedError,
   * SmtpRecipientsRefusedError, SmtpDataError, SmtpNotSupportedError; SmtpDisconnectedError and SmtpTimeoutError, whose
   * `outcome` says whether the message may have been delivered; SmtpPartialDeliveryError when the connection failed after some
   * of several transactions.
   */
  send(message: MessageInput, options?: DeliveryOptions): Promise<SendResult> {
    return withCallSite(submitMessage(message, options, this.#send, this.#watch), options?.signal);
  }

  /** Sends EHLO (LHLO with LMTP) and reads the extensions anew. @param name default: `localHostname`. @throws SmtpHelloError */
  async ehlo(name?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#greet(this.#connector.options.protocol === "lmtp" ? "LHLO" : "EHLO", name, options);
  }

  /** Sends HELO, after which there are no extensions (RFC 5321 §4.1.1.1). @throws SmtpHelloError */
  async helo(name?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#greet("HELO", name, options);
  }

  /** Sends NOOP, such as to keep a connection alive (RFC 5321 §4.1.1.9). @throws SmtpReplyError unless 2yz. */
  async noop(options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(plainCommand("NOOP", undefined, "2yz"), options);
  }

  /** Sends RSET, which forgets an envelope opened by hand (RFC 5321 §4.1.1.5). @throws SmtpReplyError unless 2yz. */
  async rset(options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(plainCommand("RSET", undefined, "2yz"), options);
  }

  /** Sends HELP, about a topic or in general (RFC 5321 §4.1.1.8). @throws SmtpReplyError unless 211, 214 or 250. */
  async help(topic?: string, options: CommandOptions = {}): Promise<SmtpReply> {
    return this.#run(helpCommand(topic), options);
  }

  /** Asks whether an address exists, by VRFY (RFC 5321 §3.5); most servers say 252. @throws SmtpReplyError unless 250, 251 or 252. */
  async vrfy(address: string, options: CommandOptions = {}): Promise<SmtpReply> {
    checkLookUp(address);
    return this.#run(lookUpCommand("VRFY", address, await this.#capabilities()), options);
  }

  /** Asks for the members of a list, by EXPN (RFC 5321 §3.5). @throws SmtpReplyError unless 250. */
  async expn(list: string, options: CommandOptions = {}): Promise<SmtpReply> {
    checkLookUp(list);
    return this.#run(lookUpCommand("EXPN", list, await this.#capabilities()), options);
  }

  /** Sends MAIL with further parameters, which opens an envelope by hand; `""` is the null sender. @throws SmtpSenderRefusedError */
  async mail(sender: string, parameters: readonly string[] = [], options: CommandOptions = {}): Promise<SmtpReply> {
    const envelope = senderEnvelope(sender, parameters);
    return this.#run(mailCommand(envelope, await this.#capabilities()), options);
  }

  /** Sends RCPT, which adds a recipient to an envelope opened by hand. @throws SmtpRecipientRefusedError */
  async rcpt(recipient: string, parameters: readonly string[] = [], options: CommandOptions = {}): Promise<SmtpReply> {
    const envelope = recipientEnvelope(recipient, parameters);
    return this.#run(rcptCommand(envelope, await this.#capabilities()), options);
  }

  /** Sends DATA (or BDAT) and the content, for an envelope opened by hand. @throws MessageError, SmtpDataError */
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
   * Sends STARTTLS and upgrades to TLS (RFC 3207); EHLO is sent again before the next command.
   *
   * @throws SmtpNotSupportedError, SmtpReplyError (the session continues in clear text), SmtpTlsError (the connection is closed).
   */
  async startTls(tls?: TlsOptions, { signal }: CommandOptions = {}): Promise<SmtpReply> {
    const options = tls === undefined ? this.#connector.options.tls : tlsOptions(tls, "tls");
    const connection = await this.#liveByHand();
    const { peer, mayBeSecured } = connection.transport;
    if (!mayBeSecured) throw new SmtpTlsError(peer, { problem: "the connection has TLS already" });
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

  /** Logs in by the strongest mechanism that both sides support (RFC 4954). @throws SmtpAuthenticationError, SmtpNotSupportedError */
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

  /** Logs in by the named mechanism, such as `"PLAIN"`. @throws OptionError for an unknown mechanism, SmtpAuthenticationError */
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
   * Sends any other command and resolves with its reply, whatever the code.
   *
   * @throws OptionError for text that must not be in a command, and for DATA, BDAT, STARTTLS and AUTH, which have methods.
   */
  async execute(command: string, options: CommandOptions = {}): Promise<SmtpReply> {
    const free = freeCommand(command);
    this.#isByHand = true;
    return this.#run(free, options);
  }

  /** Sends QUIT after the queued messages, and closes; an abort closes at once. @throws SmtpReplyError, SmtpDisconnectedError */
  async quit(options: CommandOptions = {}): Promise<SmtpReply> {
    try {
      return await this.#run(plainCommand("QUIT", undefined, "2yz"), options);
    } finally {
      this.#queue.end({ kind: "closed" });
    }
  }

  /** Closes at once, without QUIT. Calls that are queued or in flight reject; `outcome` says whether a message may be delivered. */
  close(): void {
    this.#connecting = undefined;
    this.#closing?.abort(new SmtpDisconnectedError("The connection was closed by close()", { phase: "connect" }));
    this.#queue.end({ kind: "closed" });
  }

  /** Sends QUIT if the connection is open, waits at most 2 s for the reply, and closes. Errors of QUIT are ignored. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection !== undefined) this.#connection.quitTimeout = QUIT_WAIT_MS;
    if (this.isConnected) await this.quit().catch(() => undefined);
    this.close();
  }

  /** Whether there is an open connection: false before `connect()`, and after the end of the session. */
  get isConnected(): boolean {
    return this.#connection !== undefined && this.#connection.ending === undefined;
  }

  /** Whether there is an open connection inside TLS. */
  get isSecure(): boolean {
    return this.isConnected && this.#connection?.transport.isSecure === true;
  }

  /** The greeting of the last connection; undefined before the first. */
  get greeting(): SmtpReply | undefined {
    return this.#connector.greeting;
  }

  /** The extensions of the server (RFC 5321 §4.1.1.1): upper-case keyword to parameters; empty before the reply to EHLO. */
  get extensions(): ReadonlyMap<string, string> {
    return (this.#connection?.capabilities ?? NO_CAPABILITIES).extensions;
  }

  /** Whether the server offers an extension, by its keyword in any letter case; false before the reply to EHLO. */
  supports(extension: string): boolean {
    return this.extensions.has(extension.toUpperCase());
  }

  /** The SASL mechanisms that the server offers (RFC 4954), upper case; empty before the reply to EHLO. */
  get authMethods(): readonly string[] {
    return (this.#connection?.capabilities ?? NO_CAPABILITIES).authMethods;
  }

  /** What TLS agreed on, and the certificate of the server; undefined without TLS. */
  get tlsInfo(): TlsInfo | undefined {
    return this.#connection?.transport.tlsInfo;
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  async #tryOut(attempt: AttemptOptions): Promise<void> {
    const connection = await this.#connector.open(attempt);
    try {
      await greet(connection, attempt.signal);
    } finally {
      await sendQuit(connection);
    }
  }

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

  async #open(attempt: ConnectOptions, closing: AbortController): Promise<SmtpReply> {
    this.#closing = closing;
    const connection = await this.#connector.open({ ...attempt, signal: closing.signal });
    // close() came after the connection was open and before this line: the signal no longer ends it.
    if (closing.signal.aborted) connection.end({ kind: "closed" });
    closing.signal.throwIfAborted();
    this.#isByHand = false;
    this.#queue.attach(connection);
    return this.#connector.greeting as SmtpReply;
  }

  get #connection(): Connection | undefined {
    return this.#queue.connection;
  }

  /** The connection for a sequence of commands, which must all use the same one. */
  async #liveByHand(): Promise<Connection> {
    this.#checkLive();
    this.#isByHand = true;
    await this.#queue.renewed;
    return this.#live();
  }

  #checkLive(): void {
    this.#connector.checkRequest();
    if (!this.#queue.isRenewing) this.#live();
  }

  /** The open connection. @throws SmtpDisconnectedError */
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
