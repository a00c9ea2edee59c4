/**
 * One connection: drives a session over a transport. Time, abort and the pairing of calls with answers live here.
 *
 * Layer: client. RFC 5321 §4.5.3.2 (timeouts), RFC 2920.
 */
import { formatPeer, SmtpGreetingError } from "../errors.js";
import type { TlsOptions } from "../options.js";
import type { Redactor } from "../protocol/redactor.js";
import { Session } from "../protocol/session.js";
import type { Transaction } from "../protocol/transaction.js";
import type { ChunkingState } from "../protocol/window.js";
import type { CommandWork, SessionEventOut } from "../protocol/work.js";
import type { SmtpReply } from "../reply.js";
import type { Delivery } from "../submission/submission.js";
import type { Transport } from "../transport/transport.js";
import type { Capabilities } from "../wire/capabilities.js";
import type { Answer } from "./answer.js";
import { Calls } from "./calls.js";
import { serverAttributes } from "./channels.js";
import { type CommandWatch, watchCommands } from "./command-watch.js";
import type { ConnectionSettings } from "./connection-settings.js";
import { describeEnding, type Ending, endingError, faultEnding, type Standing, silenceEnding } from "./ending.js";
import { sayHello } from "./hello.js";
import { Outlet } from "./outlet.js";
import { pourContent } from "./pour.js";
import {
  commandRequest,
  type DeliveryPart,
  deliveryRequest,
  makeCall,
  type Request,
  type RequestHome,
} from "./request.js";
import { Turn } from "./turn.js";
import { Watchdog } from "./watchdog.js";
import { wireTrace } from "./wire-trace.js";

const LF = 0x0a;
/** PERF: its `then` is a microtask; `queueMicrotask` of Node makes an object to follow each. */
const SETTLED = Promise.resolve();

/** Another connection to the same server, made in the same way. */
export interface Successor {
  mayOpen(): boolean;
  open(): Promise<Connection>;
  /** All that waited goes on there: this connection may go. */
  handedOver(): void;
}

export class Connection implements RequestHome {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  /** Milliseconds without progress; connecting may have a limit of its own. */
  timeout: number;
  /** What takes over when the server takes no more messages here (RFC 9422, MAILMAX); undefined: nothing does. */
  successor: Successor | undefined;
  /** Settles when the successor has taken over, or there is none; undefined while nothing of the kind goes on. */
  renewal: Promise<void> | undefined;
  /** Resolves when the connection has ended, however it did. */
  readonly ended: Promise<void>;
  readonly #session: Session;
  readonly #calls: Calls;
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
      limits: settings.limits,
      chunking: settings.chunking,
      trace: wireTrace(settings.trace, this.#commandWatch),
    });
    this.#calls = new Calls(this.#session, {
      hello: () => this.hello(),
      schedule: () => this.#schedule(),
      canRenew: () => this.successor?.mayOpen() === true,
      renew: () => this.#renew(),
    });
  }

  /** Undefined while the connection is open. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get capabilities(): Capabilities | undefined {
    return this.#session.capabilities;
  }

  get chunking(): ChunkingState {
    return this.#session.chunking;
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
    throw this.#errorFor({ phase: "auth", outcome: "not-sent", isWritten: false });
  }

  /** Starts to listen; resolves with the greeting. @throws SmtpGreetingError when it is not 220. */
  start(): Promise<SmtpReply> {
    // An abort may have come between the transport and this call.
    if (this.#ending !== undefined) {
      return Promise.reject(this.#errorFor({ phase: "greeting", outcome: "not-sent", isWritten: false }));
    }
    this.settings.trace?.({ type: "connect", peer: formatPeer(this.transport.peer), secure: this.transport.isSecure });
    const greeting = new Promise<SmtpReply>((resolve, reject) => {
      this.#greeting = { resolve, reject };
    });
    this.#watchdog.arm(this.timeout);
    this.transport.listen({
      received: (bytes) => this.#received(bytes),
      drained: () => this.#roomAgain(),
      ended: (cause) => this.end({ kind: "lost", cause }),
    });
    return greeting;
  }

  /** Sends one command when its turn comes; resolves with its reply, whatever the code. */
  command(work: CommandWork, needsHello: boolean, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#call<SmtpReply>(signal, (answer) => {
      const request = commandRequest(work, needsHello, this, answer);
      this.#calls.add(request);
      return request;
    });
  }

  /** Answers a challenge of AUTH; the connection has no other work until the exchange is over. */
  respond(work: CommandWork, line: string, shown: string, signal?: AbortSignal): Promise<SmtpReply> {
    return this.#call<SmtpReply>(signal, (answer) => {
      const request = commandRequest(work, false, this, answer);
      this.#calls.addWritten(request);
      this.#session.respond(work, line, shown);
      return request;
    });
  }

  /**
   * Sends a message when its turn comes; resolves with its transaction, or those that the server's limits make of it, once there
   * is a verdict on each.
   */
  deliver(delivery: Delivery, signal?: AbortSignal): Promise<readonly DeliveryPart[]> {
    return this.#call<readonly DeliveryPart[]>(signal, (answer) => {
      const request = deliveryRequest(delivery, this, answer);
      this.#calls.add(request);
      return request;
    });
  }

  /** EHLO (or HELO), once for all who need it. @throws SmtpHelloError */
  hello(): Promise<void> {
    if (this.#session.capabilities !== undefined) return Promise.resolve();
    this.#hello ??= sayHello(this.settings.localHostname, this.settings.isLmtp, (verb, line) =>
      this.#call<SmtpReply>(undefined, (answer) => {
        const request = commandRequest({ kind: "command", verb, line }, false, this, answer);
        this.#calls.addFirst(request);
        return request;
      }),
    ).finally(() => {
      this.#hello = undefined;
    });
    return this.#hello;
  }

  /** The handshake after a 220 to STARTTLS. @throws SmtpTlsError */
  async secure(options: TlsOptions | undefined, signal: AbortSignal): Promise<void> {
    // Bytes that came with the 220 have ended the connection already.
    if (this.#ending !== undefined) throw this.#errorFor({ phase: "tls", outcome: "not-sent", isWritten: true });
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

  /** Gives a request up; when some of it is on the wire, that ends the connection. */
  abort(request: Request, reason: unknown): void {
    if (request.answer.isGiven) return;
    request.answer.reject(reason);
    const parts = request.kind === "delivery" ? request.parts : undefined;
    if (parts !== undefined) for (const part of parts) part.home.abort(part, reason);
    else if (!this.#calls.withdraw(request)) this.end({ kind: "aborted" });
  }

  /** Ends the connection; every call that waits is answered with what is true of it. */
  end(ending: Ending): void {
    // What was heard in this turn counts, whatever ends it.
    this.#tell();
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#watchdog.disarm();
    this.#session.end();
    if (ending.kind === "quit") this.transport.end();
    else this.transport.destroy();
    this.#greeting?.reject(this.#errorFor({ phase: "greeting", outcome: "not-sent", isWritten: true }));
    this.#calls.rejectAll((standing) => this.#errorFor(standing));
    this.#outlet.release();
    this.#commandWatch?.ended(this.#errorFor({ phase: "command", outcome: "not-sent", isWritten: true }));
    this.settings.trace?.({ type: "close", reason: describeEnding(ending) });
    this.#markEnded();
  }

  /** The error of a call on a connection that has ended. */
  #errorFor(standing: Standing): unknown {
    const ending = this.#ending ?? { kind: "closed" };
    return endingError(ending, standing, this.transport.peer, this.#session.lastReply);
  }

  #call<T>(signal: AbortSignal | undefined, begin: (answer: Answer<T>) => Request): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#ending !== undefined) {
      return Promise.reject(this.#errorFor({ phase: "command", outcome: "not-sent", isWritten: false }));
    }
    const answer = makeCall(signal, begin);
    this.#schedule();
    return answer;
  }

  #renew(): void {
    this.renewal = this.successor?.open().then(
      (next) => {
        this.#calls.handOver(next.#calls, next);
        if (next.#ending === undefined) next.#schedule();
        else next.#calls.rejectAll((standing) => next.#errorFor(standing));
        this.successor?.handedOver();
      },
      (error: unknown) => {
        this.renewal = undefined;
        this.#calls.renewalFailed(error);
        this.#schedule();
      },
    );
  }

  // --- the wire -----------------------------------------------------------------------------------------------------

  /** PERF: calls made in the same turn of the event loop leave in the same write. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void SETTLED.then(this.#scheduled);
  }

  #received(bytes: Uint8Array): void {
    this.#session.receive(bytes);
    this.#turn.take(this.#move);
    // SECURITY: a line is progress, a byte is none. A reply has a bounded number of lines, and a server that drips one byte in a
    // minute would hold a call for months.
    if (bytes.includes(LF)) this.#watchdog.progress();
  }

  // Fields, not methods: PERF, the same function each time.
  readonly #move = (): void => this.#pump();
  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.#pump();
  };

  #roomAgain(): void {
    this.#watchdog.progress();
    this.#outlet.release();
    this.#pump();
  }

  /**
   * Moves everything that can move: bytes to the socket, events to their calls, calls to the session. PERF: in this order, so that
   * the server has its next message while this side settles the last and makes ready the one behind.
   */
  #pump(): void {
    while (this.#ending === undefined) {
      const pieces = this.#outlet.isBlocked ? [] : this.#session.advance();
      this.#outlet.write(pieces);
      this.#calls.noteBegun();
      const hasTold = this.#tell();
      if (this.#ending !== undefined) return;
      const hasAdmitted = this.#calls.admit();
      if (pieces.length === 0 && !hasTold && !hasAdmitted) break;
    }
    this.#watch();
  }

  /** Time runs while the server owes something, or takes nothing, or the content does not come. */
  #watch(): void {
    if (this.#ending !== undefined || this.#greeting !== undefined) return;
    const { awaiting, isPouring } = this.#session;
    // A first BDAT that gets no answer is more likely not known than slowly judged.
    const isJudging = awaiting?.slot === "content" && !isPouring && !this.#session.isTryingChunking;
    if (isJudging) this.#watchdog.arm(this.settings.deliveryTimeout);
    else if (awaiting !== undefined || isPouring || this.#outlet.isBlocked) this.#watchdog.arm(this.timeout);
    else this.#watchdog.disarm();
  }

  #silence(timeout: number): void {
    const { awaiting, isPouring } = this.#session;
    const facts = { timeout, isPouring, isBlocked: this.#outlet.isBlocked, isSecure: this.transport.isSecure };
    this.#session.giveUpChunking();
    this.end(silenceEnding(awaiting, facts));
  }

  // --- events -------------------------------------------------------------------------------------------------------

  /** False when there was nothing to tell. */
  #tell(): boolean {
    const events = this.#session.takeEvents();
    for (const event of events) this.#handle(event);
    return events.length > 0;
  }

  #handle(event: SessionEventOut): void {
    if (this.#ending !== undefined) return;
    switch (event.type) {
      case "greeting":
        return this.#greeted(event.reply);
      case "reply":
        return this.#calls.answer(event.work, event.reply);
      case "settled":
        return this.#calls.settle(event.transaction);
      case "pull":
        void this.#pour(event.transaction);
        return;
      case "goodbye":
        return this.end({ kind: "goodbye" });
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
    const request = this.#calls.find(transaction);
    if (request?.source === undefined) return;
    try {
      const isWhole = await pourContent(request.source, {
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
      request.answer.reject(error);
      this.#calls.forget(request);
      // Without the lone dot the server throws away what it has: no half message is delivered.
      this.end({ kind: "source", cause: error });
    }
    this.#pump();
  }
}
