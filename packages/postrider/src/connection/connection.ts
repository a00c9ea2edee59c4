/**
 * One connection: drives a session over a transport. Time, abort and the pairing of calls with answers live here.
 *
 * Layer: connection. RFC 5321 §4.5.3.2 (timeouts), RFC 2920.
 */
import { formatPeer, SmtpGreetingError } from "../errors/errors.js";
import type { TlsOptions } from "../options.js";
import type { SmtpReply } from "../reply.js";
import type { Redactor } from "../session/redactor.js";
import { Session } from "../session/session.js";
import type { Transaction } from "../session/transaction.js";
import type { CommandWork, SessionEventOut } from "../session/work.js";
import { signDelivery } from "../submission/delivery-forms.js";
import type { Delivery } from "../submission/submission.js";
import type { Transport } from "../transport/transport.js";
import { type CommandWatch, type ServerAttributes, serverAttributes, watchCommands, wireTrace } from "../watch.js";
import type { Capabilities } from "../wire/capabilities.js";
import { GroupClock, type TimeLimits, timeLimit, Watchdog } from "./clock.js";
import {
  describeEnding,
  type Ending,
  endingError,
  faultEnding,
  isServersDoing,
  type Standing,
  silenceEnding,
} from "./ending.js";
import { Outlet, pourContent, Turn } from "./flow.js";
import { sayHello } from "./hello.js";
import { type Holder, type QueuedCommand, type QueuedItem, queueCommand, type Source } from "./queued.js";
import type { ConnectionSettings } from "./settings.js";
import { Taken } from "./taken.js";

const LF = 0x0a;
/** PERF: its `then` is a microtask; `queueMicrotask` of Node makes an object to follow each. */
const SETTLED = Promise.resolve();

export class Connection implements Holder {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  /** Milliseconds without progress; connecting may have a limit of its own, and so may the reply to QUIT. */
  timeout: number;
  quitTimeout: number | undefined;
  /** Resolves when the connection has ended, however it did. */
  readonly ended: Promise<void>;
  readonly #session: Session;
  readonly #taken: Taken;
  readonly #groups: GroupClock;
  readonly #outlet: Outlet;
  readonly #turn: Turn;
  readonly #commandWatch: CommandWatch | undefined;
  readonly #watchdog = new Watchdog((timeout) => this.#silence(timeout));
  #greeting: { resolve: (reply: SmtpReply) => void; reject: (error: unknown) => void } | undefined;
  #hello: Promise<void> | undefined;
  #isScheduled = false;
  #ending: Ending | undefined;
  #markEnded: () => void = () => undefined;

  constructor(transport: Transport, settings: ConnectionSettings, timeout: number = settings.timeout) {
    this.transport = transport;
    this.settings = settings;
    this.timeout = timeout;
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.#turn = settings.turn ?? new Turn();
    this.#turn.join(this.ended);
    this.#outlet = new Outlet(transport);
    this.#commandWatch = watchCommands(serverAttributes(transport.peer, settings.isLmtp));
    this.#session = new Session({
      isLmtp: settings.isLmtp,
      knowledge: settings.knowledge,
      trace: wireTrace(settings.trace, this.#commandWatch),
    });
    this.#groups = new GroupClock(this.#session.knowledge);
    this.#taken = new Taken(this.#session, this);
  }

  get server(): ServerAttributes {
    return serverAttributes(this.transport.peer, this.settings.isLmtp);
  }

  get isSecure(): boolean {
    return this.transport.isSecure;
  }

  get isLmtp(): boolean {
    return this.settings.isLmtp;
  }

  /** Milliseconds for room in the transport, and for each chunk of the caller's stream. */
  get contentTimeout(): number {
    return this.settings.contentTimeout ?? this.timeout;
  }

  /** Undefined while the connection is open. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get capabilities(): Capabilities | undefined {
    return this.#session.capabilities;
  }

  /** The server ended it with an envelope unanswered that had been written ahead of a verdict. */
  get lostAhead(): boolean {
    return this.#session.lostAhead;
  }

  /** Bytes handed to the transport so far. */
  get bytesWritten(): number {
    return this.#outlet.bytesWritten;
  }

  /** What the server says of the secrets in it is shown to nobody. */
  get redactor(): Redactor {
    return this.#session.redactor;
  }

  get lastReply(): SmtpReply | undefined {
    return this.#session.lastReply;
  }

  /** Rejects when the connection ends: for what happens beside it meanwhile. */
  async lost(): Promise<never> {
    await this.ended;
    throw this.errorFor({ phase: "auth", outcome: "not-sent", isWritten: false });
  }

  /** Starts to listen; resolves with the greeting. @throws SmtpGreetingError when it is not 220. */
  start(): Promise<SmtpReply> {
    // An abort may have come between the transport and this call.
    if (this.#ending !== undefined) {
      return Promise.reject(this.errorFor({ phase: "greeting", outcome: "not-sent", isWritten: false }));
    }
    this.settings.trace?.({ type: "connect", peer: formatPeer(this.transport.peer), secure: this.transport.isSecure });
    const greeting = new Promise<SmtpReply>((resolve, reject) => {
      this.#greeting = { resolve, reject };
    });
    this.#watchdog.arm(this.settings.greetingTimeout ?? this.timeout);
    this.transport.listen({
      received: (bytes) => this.#received(bytes),
      drained: () => this.#roomAgain(),
      ended: (cause) => this.end({ kind: "lost", cause }),
    });
    return greeting;
  }

  /** From now on it pulls what it sends. */
  attach(source: Source): void {
    this.#taken.source = source;
    if (this.#ending === undefined) this.schedule();
    else source.ended();
  }

  /** Pulls nothing more; what it has is settled. */
  retire(): void {
    this.#taken.retire();
  }

  /** The source has something: ask it again. */
  wake(): void {
    if (this.#ending === undefined) this.schedule();
  }

  /** Sends one command before all that waits; resolves with its reply, whatever the code. */
  command(work: CommandWork, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#command(work, signal, (command) => this.#taken.add(command));
  }

  /** Answers a challenge of AUTH; the connection has no other work until the exchange is over. */
  respond(work: CommandWork, line: string, shown: string, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#command(work, signal, (command) => {
      this.#taken.addWritten(command);
      this.#session.respond(work, line, shown);
    });
  }

  /** The delivery as this connection sends it. */
  shape(delivery: Delivery): Delivery {
    const { dkim } = this.settings;
    return dkim === undefined ? delivery : signDelivery(delivery, dkim);
  }

  /** EHLO (or HELO), once for all who need it. @throws SmtpHelloError */
  hello(): Promise<void> {
    if (this.#session.capabilities !== undefined) return Promise.resolve();
    this.#hello ??= sayHello(this.settings.localHostname, this.settings.isLmtp, (verb, line) =>
      this.command({ kind: "command", verb, line }),
    ).finally(() => {
      this.#hello = undefined;
    });
    return this.#hello;
  }

  /** The handshake after a 220 to STARTTLS. @throws SmtpTlsError */
  async secure(options: TlsOptions | undefined, signal: AbortSignal): Promise<void> {
    // Bytes that came with the 220 have ended the connection already.
    if (this.#ending !== undefined) throw this.errorFor({ phase: "tls", outcome: "not-sent", isWritten: true });
    try {
      await this.transport.secure(options, signal);
    } catch (error) {
      this.end({ kind: "failed", error });
      throw error;
    }
    this.#session.secured();
    const { tlsInfo } = this.transport;
    this.settings.trace?.({ type: "secure", protocol: tlsInfo?.protocol, cipher: tlsInfo?.cipher });
  }

  /** Gives an item up; when some of it is on the wire, that ends the connection. */
  abort(item: QueuedItem, reason: unknown): void {
    if (item.isSettled) return;
    if (item.kind === "command") item.reject(reason);
    const isUnwritten = this.#taken.withdraw(item);
    if (item.kind === "message") this.#taken.source?.settled(item, reason);
    if (isUnwritten) this.schedule();
    else this.end({ kind: "aborted" });
  }

  /** Ends the connection; every call that waits is answered with what is true of it. */
  end(ending: Ending): void {
    if (ending.kind === "lost") this.#session.receiveEnd();
    // What was heard in this turn counts, whatever ends it.
    this.#tell();
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#watchdog.disarm();
    this.#session.end(!isServersDoing(ending));
    if (ending.kind === "quit") this.transport.end();
    else this.transport.destroy();
    this.#greeting?.reject(this.errorFor({ phase: "greeting", outcome: "not-sent", isWritten: true }));
    this.#taken.rejectAll((standing) => this.errorFor(standing));
    this.#outlet.release();
    this.#commandWatch?.ended(this.errorFor({ phase: "command", outcome: "not-sent", isWritten: true }));
    this.settings.trace?.({ type: "close", reason: describeEnding(ending) });
    this.#markEnded();
    this.#taken.source?.ended();
  }

  /** The error of a call on a connection that has ended. */
  errorFor(standing: Standing): unknown {
    const ending = this.#ending ?? { kind: "closed" };
    return endingError(ending, standing, this.transport.peer, this.#session.lastWords);
  }

  #command(
    work: CommandWork,
    signal: AbortSignal | undefined,
    take: (command: QueuedCommand) => void,
  ): Promise<SmtpReply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#ending !== undefined) {
      return Promise.reject(this.errorFor({ phase: "command", outcome: "not-sent", isWritten: false }));
    }
    return queueCommand(work, false, signal, (command) => {
      command.holder = this;
      take(command);
      this.schedule();
    });
  }

  // --- the wire -----------------------------------------------------------------------------------------------------

  /** PERF: calls made in the same turn of the event loop leave in the same write. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void SETTLED.then(this.#scheduled);
  }

  #received(bytes: Uint8Array): void {
    this.#session.receive(bytes);
    this.#groups.heard(this.#session.awaiting);
    this.#turn.take(this.#move);
    // SECURITY: a line is progress, a byte is none. A reply has a bounded number of lines, and a server that drips one byte in a
    // minute would hold a call for months.
    if (bytes.includes(LF)) this.#watchdog.progress();
  }

  readonly #move = (): void => this.#pump(); // PERF: a field, so that it is the same function each time.
  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.#pump();
  };

  #roomAgain(): void {
    this.#watchdog.progress();
    this.#outlet.drained();
    this.#pump();
  }

  /**
   * Moves everything that can move: events to their calls, messages from the source into the session, bytes to the socket. PERF: what
   * is pulled is written together.
   */
  #pump(): void {
    while (this.#ending === undefined) {
      this.#tell();
      if (this.#ending !== undefined) return;
      if (this.#outlet.isBlocked) break;
      this.#session.work();
      const hasPulled = this.#taken.pull();
      const pieces = this.#session.advance();
      this.#outlet.write(pieces);
      if (pieces.length > 0) this.#groups.written(this.#session.awaiting);
      this.#taken.noteBegun();
      if (pieces.length === 0 && !hasPulled && !this.#session.hasEvents) break;
    }
    this.#watch();
  }

  /** Time runs while the server owes something, or takes nothing, or the content does not come. */
  #watch(): void {
    if (this.#ending !== undefined || this.#greeting !== undefined) return;
    const limit = timeLimit(this.#session, this.#outlet.isBlocked, this.#limits);
    if (limit === undefined) this.#watchdog.disarm();
    else this.#watchdog.arm(limit);
  }

  get #limits(): TimeLimits {
    const { timeout, quitTimeout, contentTimeout } = this;
    const { deliveryTimeout } = this.settings;
    return { timeout, quitTimeout, contentTimeout, deliveryTimeout, patience: this.#groups.patience };
  }

  #silence(timeout: number): void {
    const { awaiting, isPouring, isAheadUnanswered } = this.#session;
    // QUIRK: chasquid swallows what stands behind a dot. What was asked there goes over a new connection, plainly.
    if (isAheadUnanswered && timeout < this.timeout) return this.end({ kind: "swallowed" });
    const facts = { timeout, isPouring, isBlocked: this.#outlet.isBlocked, isSecure: this.transport.isSecure };
    this.end(silenceEnding(awaiting, facts));
  }

  // --- events -------------------------------------------------------------------------------------------------------

  #tell(): void {
    for (const event of this.#session.takeEvents()) this.#handle(event);
  }

  #handle(event: SessionEventOut): void {
    if (this.#ending !== undefined) return;
    switch (event.type) {
      case "greeting":
        return this.#greeted(event.reply);
      case "reply":
        return this.#taken.answer(event.work, event.reply);
      case "settled":
        return this.#taken.settle(event.transaction);
      case "pull":
        void this.#pour(event.transaction);
        return;
      case "goodbye":
        return this.end({ kind: "goodbye", wasIdle: event.wasIdle });
      case "finished":
        return this.end({ kind: event.after === "quit" ? "quit" : "unclean" });
      case "fault":
        return this.end(faultEnding(event, this.#greeting === undefined ? "command" : "greeting"));
    }
  }

  #greeted(reply: SmtpReply): void {
    const greeting = this.#greeting;
    this.#greeting = undefined;
    this.#watchdog.disarm();
    if (reply.code === 220) return greeting?.resolve(reply);
    const error = new SmtpGreetingError({ reply });
    greeting?.reject(error);
    this.end({ kind: "failed", error });
  }

  async #pour(transaction: Transaction): Promise<void> {
    const message = this.#taken.find(transaction);
    if (message?.content === undefined) return;
    try {
      const isWhole = await pourContent(message.content, {
        push: (chunk) => {
          this.#watchdog.progress();
          const isWanted = this.#session.pour(transaction, chunk);
          this.#pump();
          return isWanted && this.#ending === undefined;
        },
        room: () => this.#outlet.room(),
      });
      if (isWhole) this.#session.finishPouring(transaction);
    } catch (error) {
      this.#taken.withdraw(message);
      if (!message.isSettled) this.#taken.source?.settled(message, error);
      // Without the lone dot the server throws away what it has: no half message is delivered.
      this.end({ kind: "source", cause: error });
    }
    this.#pump();
  }
}
