/**
 * One connection: drives a session over a transport, with timeouts and abort; the only place where the two meet.
 *
 * Layer: connection. RFC 5321 §4.5.3.2 (timeouts), RFC 2920.
 */
import { formatPeer, SmtpGreetingError } from "../errors/errors.js";
import type { TlsOptions } from "../options/tls-options.js";
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
import { Clock, GroupClock, timeLimit, Watchdog } from "./clock.js";
import { sayHello } from "./commands.js";
import {
  describeEnding,
  type Ending,
  endingError,
  faultEnding,
  isServerCaused,
  type RequestState,
  timeoutEnding,
} from "./ending.js";
import { Outlet, pourContent } from "./flow.js";
import { InFlight } from "./in-flight.js";
import { type Holder, type QueuedCommand, type QueuedItem, queueCommand, type Source } from "./queued.js";
import { Batcher, type ConnectionSettings } from "./settings.js";

const LF = 0x0a;
/** PERF: `then` queues a microtask; Node's `queueMicrotask` also allocates an AsyncResource. */
const RESOLVED = Promise.resolve();

/** Pulls items from its source, writes them, and reports their verdicts. */
export class Connection implements Holder {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  /** Milliseconds for each step while it is being opened, in place of the settings' own. */
  attemptTimeout: number | undefined;
  quitTimeout: number | undefined;
  /** Resolves when the connection has ended, for any reason. */
  readonly ended: Promise<void>;
  readonly #session: Session;
  readonly #inFlight: InFlight;
  readonly #groupClock: GroupClock;
  readonly #outlet: Outlet;
  readonly #batcher: Batcher;
  readonly #clock = new Clock();
  readonly #commandWatch: CommandWatch | undefined;
  readonly #watchdog = new Watchdog((timeout) => this.#timedOut(timeout));
  #greeting: { resolve: (reply: SmtpReply) => void; reject: (error: unknown) => void } | undefined;
  #hello: Promise<void> | undefined;
  #isScheduled = false;
  #ending: Ending | undefined;
  #markEnded: () => void = () => undefined;

  constructor(transport: Transport, settings: ConnectionSettings, attemptTimeout?: number) {
    this.transport = transport;
    this.settings = settings;
    this.attemptTimeout = attemptTimeout;
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.#batcher = settings.batcher ?? new Batcher();
    this.#batcher.join(this.ended);
    this.#outlet = new Outlet(transport);
    this.#commandWatch = watchCommands(serverAttributes(transport.peer, settings.isLmtp));
    this.#session = new Session({
      isLmtp: settings.isLmtp,
      knowledge: settings.knowledge,
      clock: this.#clock,
      trace: wireTrace(settings.trace, this.#commandWatch),
    });
    this.#groupClock = new GroupClock(this.#session.knowledge);
    this.#inFlight = new InFlight(this.#session, this);
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

  /** Milliseconds without progress. */
  get timeout(): number {
    return this.attemptTimeout ?? this.settings.timeout;
  }

  /** For the transport to drain, and for each chunk of the caller's stream. */
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

  /** Whether the server ended the connection while an envelope written ahead of a verdict was unanswered. */
  get lostAhead(): boolean {
    return this.#session.lostAhead;
  }

  /** Bytes handed to the transport so far. */
  get bytesWritten(): number {
    return this.#outlet.bytesWritten;
  }

  /** Masks secrets that the server echoes back. */
  get redactor(): Redactor {
    return this.#session.redactor;
  }

  get lastReply(): SmtpReply | undefined {
    return this.#session.lastReply;
  }

  /** Rejects when the connection ends; for a race with the caller's `accessToken`. */
  async lost(): Promise<never> {
    await this.ended;
    throw this.errorFor({ phase: "auth", outcome: "not-sent", isWritten: false });
  }

  /** Starts reading; resolves with the greeting. @throws SmtpGreetingError when it is not 220. */
  start(): Promise<SmtpReply> {
    // An abort may have ended it after the transport was open and before this call.
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
      drained: () => this.#drained(),
      ended: (cause) => this.end({ kind: "lost", cause }),
    });
    return greeting;
  }

  /** Sets the source, and starts pulling from it. */
  attach(source: Source): void {
    this.#inFlight.source = source;
    if (this.#ending === undefined) this.schedule();
    else source.ended();
  }

  /** Stops pulling; items in flight still get their verdict. */
  retire(): void {
    this.#inFlight.retire();
  }

  /** Called by the source when it has a new item. */
  wake(): void {
    if (this.#ending === undefined) this.schedule();
  }

  /** Sends one command ahead of the source's items; resolves with its reply, whatever the code. */
  command(work: CommandWork, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#command(work, signal, (command) => this.#inFlight.add(command));
  }

  /** Answers a challenge of AUTH. Nothing else is written until the exchange is over. */
  respond(work: CommandWork, line: string, shown: string, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#command(work, signal, (command) => {
      this.#inFlight.addWritten(command);
      this.#session.respond(work, line, shown);
    });
  }

  /** The delivery as this connection sends it. */
  shape(delivery: Delivery): Delivery {
    const signers = delivery.signers ?? this.settings.dkim;
    return signers === undefined ? delivery : signDelivery(delivery, signers);
  }

  /** Sends EHLO (or HELO) once; later callers share it. @throws SmtpHelloError */
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
    // Bytes that came right behind the 220 have ended the connection.
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

  /** Aborts an item; ends the connection when some of it was written. */
  abort(item: QueuedItem, reason: unknown): void {
    if (item.isSettled) return;
    if (item.kind === "command") item.reject(reason);
    const isUnwritten = this.#inFlight.withdraw(item);
    if (item.kind === "message") this.#inFlight.source?.settled(item, reason);
    if (isUnwritten) this.schedule();
    else this.end({ kind: "aborted" });
  }

  /** Ends the connection and rejects every pending call. Later calls are ignored. */
  end(ending: Ending): void {
    if (ending.kind === "lost") this.#session.receiveEnd();
    // Replies that have already been received still count.
    this.#dispatchEvents();
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#watchdog.disarm();
    this.#session.end(!isServerCaused(ending));
    if (ending.kind === "quit") this.transport.end();
    else this.transport.destroy();
    this.#greeting?.reject(this.errorFor({ phase: "greeting", outcome: "not-sent", isWritten: true }));
    this.#inFlight.rejectAll((state) => this.errorFor(state));
    this.#outlet.release();
    this.#commandWatch?.ended(this.errorFor({ phase: "command", outcome: "not-sent", isWritten: true }));
    this.settings.trace?.({ type: "close", reason: describeEnding(ending) });
    this.#markEnded();
    this.#inFlight.source?.ended();
  }

  /** The error of a call on a connection that has ended. */
  errorFor(state: RequestState): unknown {
    const ending = this.#ending ?? { kind: "closed" };
    return endingError(ending, state, this.transport.peer, this.#session.closingReply);
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

  // --- bytes --------------------------------------------------------------------------------------------------------

  /** PERF: calls made in the same turn of the event loop leave in the same write. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void RESOLVED.then(this.#scheduled);
  }

  #received(bytes: Uint8Array): boolean {
    this.#clock.tick();
    this.#session.receive(bytes);
    this.#groupClock.received(this.#session.awaiting);
    this.#batcher.take(this.#pumpNow);
    // SECURITY: only a whole line counts as progress. Otherwise a server that sends one byte a minute could hold a call for months;
    // the number of lines in a reply is bounded.
    if (bytes.includes(LF)) this.#watchdog.progress();
    return this.#session.state !== "securing";
  }

  // PERF: fields, so no closure per call.
  readonly #pumpNow = (): void => this.#pump();
  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.#clock.tick();
    this.#pump();
  };

  #drained(): void {
    this.#watchdog.progress();
    this.#outlet.drained();
    this.#pump();
  }

  /**
   * The write loop: events to their calls, items from the source into the session, bytes to the transport, until nothing changes.
   * PERF: all items that can be pulled leave in one write.
   */
  #pump(): void {
    while (this.#ending === undefined) {
      this.#dispatchEvents();
      if (this.#ending !== undefined) return;
      if (this.#outlet.isBlocked) break;
      this.#session.work();
      const hasPulled = this.#inFlight.pull();
      const pieces = this.#session.advance();
      this.#outlet.write(pieces);
      if (pieces.length > 0) this.#groupClock.written(this.#session.awaiting);
      this.#inFlight.noteBegun();
      if (pieces.length === 0 && !hasPulled && !this.#session.hasEvents) break;
    }
    this.#armWatchdog();
  }

  /** The timer runs while a reply, room in the transport or a chunk of content is owed. */
  #armWatchdog(): void {
    if (this.#ending !== undefined || this.#greeting !== undefined) return;
    const limit = timeLimit(this.#session, this.#outlet.isBlocked, this, this.#groupClock.patience);
    if (limit === undefined) this.#watchdog.disarm();
    else this.#watchdog.arm(limit);
  }

  #timedOut(timeout: number): void {
    const { awaiting, isPouring, isAheadUnanswered } = this.#session;
    // QUIRK: chasquid swallows commands pipelined after the final dot. They are sent again, one by one, on a new connection.
    if (isAheadUnanswered && timeout < this.timeout) return this.end({ kind: "swallowed" });
    const facts = { timeout, isPouring, isBlocked: this.#outlet.isBlocked, isSecure: this.transport.isSecure };
    this.end(timeoutEnding(awaiting, facts));
  }

  // --- events -------------------------------------------------------------------------------------------------------

  #dispatchEvents(): void {
    for (const event of this.#session.takeEvents()) this.#handle(event);
  }

  #handle(event: SessionEventOut): void {
    if (this.#ending !== undefined) return;
    switch (event.type) {
      case "greeting":
        return this.#greeted(event.reply);
      case "reply":
        return this.#inFlight.answer(event.work, event.reply);
      case "settled":
        return this.#inFlight.complete(event.transaction);
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
    const message = this.#inFlight.find(transaction);
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
      this.#inFlight.withdraw(message);
      if (!message.isSettled) this.#inFlight.source?.settled(message, error);
      // Without the final dot the server discards the content, so no half message is delivered.
      this.end({ kind: "source", cause: error });
    }
    this.#pump();
  }
}
