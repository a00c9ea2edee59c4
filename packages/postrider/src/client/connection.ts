/**
 * One connection: drives a session over a transport. Time, abort and the pairing of calls with answers live here.
 *
 * Layer: client. RFC 5321 §4.5.3.2 (timeouts), RFC 2920.
 */
import { SmtpDisconnectedError, SmtpGreetingError, type SmtpPhase } from "../errors.js";
import type { TlsOptions } from "../options.js";
import { planEnvelope, MANUAL_ENVELOPE } from "../protocol/envelope.js";
import { contentSize } from "../protocol/content.js";
import { Queue } from "../protocol/queue.js";
import { Session } from "../protocol/session.js";
import { Transaction } from "../protocol/transaction.js";
import { judgeInterrupted } from "../protocol/verdict.js";
import type { ChunkingState, WindowLimits } from "../protocol/window.js";
import { type CommandWork, expectationPhase, type SessionEventOut } from "../protocol/work.js";
import type { SmtpReply } from "../reply.js";
import type { Transport } from "../transport/transport.js";
import type { Capabilities } from "../wire/capabilities.js";
import type { Delivery, OpenedContent } from "./delivery.js";
import { describeEnding, type Ending, endingError } from "./ending.js";
import { describeWait, protocolHint, silenceHint } from "./hints.js";
import { sayHello } from "./hello.js";
import { pourContent } from "./pour.js";
import { type CommandRequest, type DeliveryRequest, type Request, requestOutcome, requestPhase } from "./request.js";
import { Watchdog } from "./watchdog.js";
import { type Tracer, wireTrace } from "./wire-trace.js";

export interface ConnectionSettings {
  /** Name for EHLO. */
  readonly localHostname: string;
  readonly isLmtp: boolean;
  /** Milliseconds without progress. */
  readonly timeout: number;
  /** Milliseconds for the reply after the content. */
  readonly deliveryTimeout: number;
  readonly trace: Tracer | undefined;
  readonly limits?: WindowLimits | undefined;
  readonly chunking?: ChunkingState | undefined;
}

/** How many messages are made ready before their turn: enough to fill the window in one write. */
const READY_MESSAGES = 16;

export class Connection {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  readonly #session: Session;
  readonly #watchdog: Watchdog;
  readonly #waiting = new Queue<Request>();
  readonly #commands = new Map<CommandWork, CommandRequest>();
  readonly #deliveries = new Map<Transaction, DeliveryRequest>();
  readonly #drains: (() => void)[] = [];
  #timeout: number;
  #greeting: { resolve: (reply: SmtpReply) => void; reject: (error: unknown) => void } | undefined;
  #hello: Promise<void> | undefined;
  #preparing: DeliveryRequest | undefined;
  #isBlocked = false;
  #isPumping = false;
  #isScheduled = false;
  #isSecuring = false;
  #ending: Ending | undefined;
  #onEnd: (() => void)[] = [];

  constructor(transport: Transport, settings: ConnectionSettings, timeout: number = settings.timeout) {
    this.transport = transport;
    this.settings = settings;
    this.#timeout = timeout;
    this.#session = new Session({
      isLmtp: settings.isLmtp,
      limits: settings.limits,
      chunking: settings.chunking,
      trace: settings.trace === undefined ? undefined : wireTrace(settings.trace),
    });
    this.#watchdog = new Watchdog((silence) => this.#silence(silence));
    settings.trace?.({ type: "connect", peer: peerText(transport), secure: transport.isSecure });
  }
}
