/**
 * One dialogue's world: what was sent, what the servers took, what they refused, and whether anything still moves.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Fault, FaultKind, Plan } from "./plan.js";
import type { VirtualClock } from "./virtual-clock.js";

/** A message as a server took it. */
export interface Taken {
  readonly id: string;
  readonly recipients: readonly string[];
}

/** Turns of the event loop without any movement after which only time can move something. */
const QUIET_TURNS = 5;
/** A dialogue of this many steps goes in circles. */
const MOST_STEPS = 20_000;

export class World {
  readonly plan: Plan;
  readonly taken: Taken[] = [];
  /** Messages of which a reply was turned into a refusal. */
  readonly refused = new Set<string>();
  /** What no client may do, and what it did all the same. */
  readonly violations: string[] = [];
  /** Content of each message as it must arrive, by id. */
  readonly contents = new Map<string, string>();
  /** How often a server ended a connection, or made the client end it. */
  kills = 0;
  /** When a message was handed to a server: the time of each MAIL. */
  readonly handed: number[] = [];
  connections = 0;
  /** Connections that the client has not let go of. */
  open = 0;
  mostOpen = 0;
  /** Connections whose server has not answered EHLO. */
  opening = 0;
  /** Connections whose server owes the reply to a RSET: without messages, and not at rest. */
  cleaning = 0;
  /** Looks at what waits, before time jumps over it. */
  beforeJump: (milliseconds: number) => void = () => undefined;
  /** By server: when a connection to it last ended in another way than by QUIT. */
  readonly troubledAt = new Map<number, number>();
  replies = 0;
  faults = 0;
  readonly #clock: VirtualClock;
  readonly #faults: ReadonlyMap<number, Fault>;
  #movement = 0;

  constructor(plan: Plan, clock: VirtualClock) {
    this.plan = plan;
    this.#clock = clock;
    this.#faults = new Map(plan.faults.map((fault) => [fault.at, fault]));
  }

  /** What is to go wrong with the reply that comes now. */
  nextFault(): FaultKind | undefined {
    return this.#faults.get(this.replies++)?.does;
  }

  /** The same without using it up. */
  peekFault(): FaultKind | undefined {
    return this.#faults.get(this.replies)?.does;
  }

  /** Whether the servers know none of the recipients of a message. */
  isDead(id: string): boolean {
    return this.plan.messages[Number(id.slice(1))]?.isDead ?? false;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** A connection ended, and its server may be left alone for a while. */
  troubled(server: number): void {
    this.troubledAt.set(server, this.now);
  }

  /** Something happened. */
  moved(): void {
    this.#movement++;
  }

  /** Runs something some turns of the event loop later. */
  later(turns: number, run: () => void): void {
    this.moved();
    if (turns === 0) run();
    else setImmediate(() => this.later(turns - 1, run));
  }

  /** Lets turns pass, and time when nothing moves; false when the promise can never settle. */
  async drive(until: Promise<unknown>): Promise<boolean> {
    let isOver = false;
    until.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    let quiet = 0;
    for (let step = 0; step < MOST_STEPS; step++) {
      const before = this.#movement;
      await turn();
      if (isOver) return true;
      quiet = this.#movement === before ? quiet + 1 : 0;
      if (quiet < QUIET_TURNS) continue;
      this.beforeJump(this.#clock.wait);
      if (!this.#clock.jump()) return false;
      quiet = 0;
    }
    return false;
  }
}
