/**
 * The user's calls on one connection, from waiting for their turn to being answered.
 *
 * Layer: client.
 */

import type { Envelope } from "../protocol/envelope.js";
import type { Session } from "../protocol/session.js";
import { splitEnvelope } from "../protocol/split-envelope.js";
import type { Transaction } from "../protocol/transaction.js";
import { judgeInterrupted } from "../protocol/verdict.js";
import type { CommandWork } from "../protocol/work.js";
import { Queue } from "../queue.js";
import type { SmtpReply } from "../reply.js";
import { type Capabilities, type Limits, NO_LIMITS } from "../wire/capabilities.js";
import { Allowance, limitError } from "./allowance.js";
import type { Standing } from "./ending.js";
import { type OpenedDelivery, openDelivery } from "./open-delivery.js";
import { releaseSource } from "./pour.js";
import {
  type CommandRequest,
  type DeliveryRequest,
  type Request,
  type RequestHome,
  requestOutcome,
  requestPhase,
} from "./request.js";
import { splitRequest } from "./split-request.js";

/** What the calls need of their connection. */
export interface CallDesk {
  /** Sends EHLO; resolves when the server's extensions are known. */
  hello(): Promise<void>;
  /** Looks again, soon, at what may move. */
  schedule(): void;
  /** Whether another connection can take over. */
  canRenew(): boolean;
  /** Opens one; then `handOver`, or `renewalFailed`. */
  renew(): void;
}

/** How many messages are made ready before their turn: enough to fill the window in one write. */
const READY_MESSAGES = 16;

export class Calls {
  readonly #session: Session;
  readonly #desk: CallDesk;
  /** Calls whose turn has not come, in their order. */
  readonly #waiting = new Queue<Request>();
  readonly #commands = new Map<CommandWork, CommandRequest>();
  readonly #deliveries = new Map<Transaction, DeliveryRequest>();
  /** Messages whose makers want to know when they begin, in the order in which they will. */
  readonly #unbegun = new Queue<DeliveryRequest>();
  /** The message that is being made ready; those behind it keep their places. */
  #opening: DeliveryRequest | undefined;
  #isGreeting = false;
  readonly #allowance = new Allowance();
  /** The server takes no more messages here, and another connection is being opened: nothing that waits may pass. */
  #isRenewing = false;

  constructor(session: Session, desk: CallDesk) {
    this.#session = session;
    this.#desk = desk;
  }

  add(request: Request): void {
    this.#waiting.push(request);
  }

  /** A command that goes before every call that waits. */
  addFirst(request: CommandRequest): void {
    this.#commands.set(request.work, request);
    this.#session.enqueue(request.work);
  }

  /** A command whose line the session has already: an answer to a challenge. */
  addWritten(request: CommandRequest): void {
    this.#commands.set(request.work, request);
  }

  /** Lets the calls whose turn has come into the session; false when it was nobody's. */
  admit(): boolean {
    let hasAdmitted = false;
    while (this.#opening === undefined && !this.#isRenewing && this.#session.backlog < READY_MESSAGES) {
      const request = this.#waiting.peek();
      if (request === undefined || !this.#admitNext(request)) break;
      hasAdmitted = true;
    }
    return hasAdmitted;
  }

  /** Everything that waits goes on elsewhere, in its order. */
  handOver(successor: Calls, home: RequestHome): void {
    this.#isRenewing = false;
    for (const request of this.#waiting.drain()) {
      request.home = home;
      successor.add(request);
    }
  }

  renewalFailed(error: unknown): void {
    this.#isRenewing = false;
    this.#rejectWaiting((request) => request.kind === "delivery", error);
  }

  /** Tells of messages whose first bytes were written since the last time. */
  noteBegun(): void {
    for (let next = this.#unbegun.peek(); next !== undefined; next = this.#unbegun.peek()) {
      if (next.work?.transaction.progress === "queued") return;
      this.#unbegun.shift();
      next.delivery.begun?.();
    }
  }

  answer(work: CommandWork, reply: SmtpReply): void {
    const request = this.#commands.get(work);
    this.#commands.delete(work);
    request?.answer.resolve(reply);
  }

  settle(transaction: Transaction): void {
    const request = this.#deliveries.get(transaction);
    this.#deliveries.delete(transaction);
    // A refusal may come before the content was read to its end.
    releaseSource(request?.source);
    request?.answer.resolve([{ envelope: request.delivery.envelope, transaction }]);
  }

  find(transaction: Transaction): DeliveryRequest | undefined {
    return this.#deliveries.get(transaction);
  }

  /** Gives a call up; false when some of it was written, so that only the end of the connection can stop it. */
  withdraw(request: Request): boolean {
    if (this.#waiting.remove(request)) return true;
    if (request === this.#opening) {
      // A source may never give what it was asked for: those behind it do not wait for that.
      this.#opening = undefined;
      request.delivery.close();
      this.#desk.schedule();
      return true;
    }
    const isUnwritten = request.work !== undefined && this.#session.withdraw(request.work);
    this.forget(request);
    return isUnwritten;
  }

  forget(request: Request): void {
    if (request.kind === "command") {
      this.#commands.delete(request.work);
      return;
    }
    if (request.work !== undefined) this.#deliveries.delete(request.work.transaction);
    this.#unbegun.remove(request);
    releaseSource(request.source);
  }

  /** Answers every call with the error that is true of it. */
  rejectAll(errorFor: (standing: Standing) => unknown): void {
    const written = [...this.#commands.values(), ...this.#deliveries.values()];
    const waiting = this.#waiting.drain();
    if (this.#opening !== undefined) {
      this.#opening.delivery.close();
      waiting.unshift(this.#opening);
    }
    this.#commands.clear();
    this.#deliveries.clear();
    this.noteBegun();
    this.#unbegun.drain();
    for (const request of written) {
      request.answer.reject(
        findRefusal(request) ?? errorFor({ ...standingOf(request), isWritten: isWritten(request) }),
      );
      if (request.kind === "delivery") releaseSource(request.source);
    }
    for (const request of waiting) {
      // EHLO was on its way for them: what happened to it happened to them.
      const isGreeting = this.#isGreeting && (request.kind === "delivery" || request.needsHello);
      const standing = isGreeting ? HELLO : { ...standingOf(request), isWritten: false };
      request.answer.reject(errorFor(standing));
    }
  }

  #helloFirst(): void {
    if (this.#isGreeting) return;
    this.#isGreeting = true;
    this.#desk
      .hello()
      .catch((error: unknown) => this.#helloRefused(error))
      .finally(() => {
        this.#isGreeting = false;
        this.#desk.schedule();
      });
  }

  #helloRefused(error: unknown): void {
    this.#rejectWaiting((request) => request.kind === "delivery" || request.needsHello, error);
  }

  #rejectWaiting(isMeant: (request: Request) => boolean, error: unknown): void {
    for (const request of this.#waiting.drain()) {
      if (isMeant(request)) request.answer.reject(error);
      else this.#waiting.push(request);
    }
  }

  /** False: it waits for EHLO, or for another connection. */
  #admitNext(request: Request): boolean {
    const { capabilities } = this.#session;
    if (capabilities === undefined && (request.kind === "delivery" || request.needsHello)) {
      this.#helloFirst();
      return false;
    }
    if (request.kind === "delivery") return this.#admitDelivery(request, capabilities as Capabilities);
    this.#waiting.shift();
    if (request.work.verb === "MAIL") this.#allowance.take(undefined, NO_LIMITS);
    this.addFirst(request);
    return true;
  }

  /** The message whose turn it is, within the server's limits (RFC 9422); false: it waits for another connection. */
  #admitDelivery(request: DeliveryRequest, capabilities: Capabilities): boolean {
    const { limits } = capabilities;
    const { envelope } = request.delivery;
    const envelopes = envelope === undefined ? [] : splitEnvelope(envelope, limits);
    const isSplit = envelopes.length > 1;
    const isPassedOn = isSplit && this.#desk.canRenew();
    if (!isPassedOn && !this.#allowance.fits(envelopes, limits)) return this.#turnAway(request, envelopes, limits);
    this.#waiting.shift();
    // Each part is looked at by itself, so that those that do not fit here go on elsewhere.
    if (isSplit) this.#waiting.unshift(...splitRequest(request, envelopes));
    else this.#open(request, capabilities);
    return true;
  }

  #turnAway(request: DeliveryRequest, envelopes: readonly Envelope[], limits: Limits): boolean {
    if (!this.#desk.canRenew()) {
      this.#waiting.shift();
      request.answer.reject(limitError(envelopes, limits));
      return true;
    }
    // One connection at a time, and every call in its turn.
    if (this.#deliveries.size > 0 || this.#commands.size > 0) return false;
    this.#isRenewing = true;
    this.#desk.renew();
    return false;
  }

  #open(request: DeliveryRequest, capabilities: Capabilities): void {
    // An abort may come while the content is asked for.
    this.#opening = request;
    try {
      const opened = openDelivery(request.delivery, capabilities);
      if (opened instanceof Promise) return this.#openLater(request, opened);
      this.#enqueue(request, opened);
    } catch (error) {
      request.answer.reject(error);
    }
    if (this.#opening === request) this.#opening = undefined;
  }

  #openLater(request: DeliveryRequest, opening: Promise<OpenedDelivery>): void {
    opening
      .then(
        (opened) => this.#enqueue(request, opened),
        (error: unknown) => request.answer.reject(error),
      )
      .finally(() => {
        if (this.#opening === request) this.#opening = undefined;
        this.#desk.schedule();
      });
  }

  #enqueue(request: DeliveryRequest, { transaction, source }: OpenedDelivery): void {
    if (request.answer.isGiven) return releaseSource(source);
    request.work = { kind: "transaction", transaction };
    request.source = source;
    this.#deliveries.set(transaction, request);
    this.#allowance.take(request.delivery.envelope, this.#session.capabilities?.limits ?? NO_LIMITS);
    if (request.delivery.begun !== undefined) this.#unbegun.push(request);
    this.#session.enqueue(request.work);
  }
}

const HELLO: Standing = { phase: "hello", outcome: "not-sent", isWritten: true };

function standingOf(request: Request): Omit<Standing, "isWritten"> {
  return { phase: requestPhase(request), outcome: requestOutcome(request) };
}

function isWritten(request: Request): boolean {
  return request.kind === "command" || request.work?.transaction.progress !== "queued";
}

/** What the server had already said of this message says more than that the connection is gone. */
function findRefusal(request: Request): unknown {
  if (request.kind === "command" || request.work === undefined || request.delivery.envelope === undefined)
    return undefined;
  return judgeInterrupted(request.work.transaction, request.delivery.envelope);
}
