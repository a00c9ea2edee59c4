/**
 * One attempt at one message, for programs that schedule by another queue.
 */
import type { Database } from "../database/database.js";
import { type Claimed, claimOne } from "../store/claim.js";
import { allowProbe, claimProbe } from "../store/pause.js";
import type { OutboxTransport } from "../types.js";
import { Courier } from "./courier.js";

export interface DeliverRules {
  /** Ms. */
  readonly lease: number;
  readonly retryDelays: readonly number[];
}

export class Deliverer {
  readonly #database: Database;
  readonly #rules: DeliverRules;
  /** Whether it has looked at a pause. */
  #hasProbed = false;

  constructor(database: Database, rules: DeliverRules) {
    this.#database = database;
    this.#rules = rules;
  }

  /** Does nothing when the message is another's, has its outcome, or the transport is paused and no probe is due. */
  async deliver(id: string, transport: OutboxTransport): Promise<void> {
    const { lease } = this.#rules;
    const courier = new Courier(this.#database, transport, { ...this.#rules, random: Math.random });
    const claimed = await this.#database.atomic((session) => claimOne(session, id, lease));
    const probe = claimed ?? (await this.#claimProbe(id));
    if (probe !== undefined) await courier.carry(probe, claimed === undefined);
  }

  /** As a worker does: one message shows whether a paused transport works again. */
  async #claimProbe(id: string): Promise<Claimed | undefined> {
    const { lease } = this.#rules;
    // A new process may have the right password.
    if (!this.#hasProbed) await allowProbe(this.#database.session, "credentials");
    this.#hasProbed = true;
    return (await claimProbe(this.#database, lease, (own) => claimOne(own, id, lease, true)))?.claimed;
  }
}
