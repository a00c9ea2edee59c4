/**
 * A pool against a server that fails at random, message after message: none is lost, none comes twice without being told
 * unknown first, and nothing is left over.
 */
import { isSmtpError, type SendRequest, SmtpPool } from "../../src/index.js";
import { collectGarbage } from "../support/garbage.js";
import { ChaosServer } from "./chaos-server.js";
import { EndlessDice } from "./endless-dice.js";

export interface SoakReport {
  readonly messages: number;
  readonly accepted: number;
  readonly refused: number;
  /** Left unknown: every second of them was sent again instead. */
  readonly unknown: number;
  readonly sentAgain: number;
  readonly connections: number;
  readonly drops: number;
  readonly restarts: number;
  /** Bytes of heap after a collection: the end against the middle. */
  readonly heapGrowth: number;
  /** What was broken; empty when all is well. */
  readonly problems: readonly string[];
}

/** A message that surely did not go out is given to the pool again, so often. */
const MAX_GIVEN = 100;
const MAX_PROBLEMS = 20;

export async function soak(messages: number, seed: number, progress?: (settled: number) => void): Promise<SoakReport> {
  const run = new Soak(messages, seed);
  return run.play(progress);
}

class Soak {
  readonly #messages: number;
  readonly #dice: EndlessDice;
  /** By message: copies that the server has, how often it was told unknown, how often the pool got it. */
  readonly #copies: Uint8Array;
  readonly #unknowns: Uint8Array;
  readonly #given: Uint8Array;
  readonly #again: number[] = [];
  readonly #problems: string[] = [];
  readonly #counts = { accepted: 0, refused: 0, unknown: 0, sentAgain: 0 };
  #next = 0;
  #settled = 0;
  #wake: () => void = () => undefined;

  constructor(messages: number, seed: number) {
    this.#messages = messages;
    this.#dice = new EndlessDice(seed);
    this.#copies = new Uint8Array(messages);
    this.#unknowns = new Uint8Array(messages);
    this.#given = new Uint8Array(messages);
  }

  async play(progress: ((settled: number) => void) | undefined): Promise<SoakReport> {
    const before = resources();
    const ledger = {
      commit: (name: string) => this.#commit(Number(name)),
      violated: (what: unknown) => this.#problem(String(what)),
    };
    const server = await ChaosServer.start(this.#dice, ledger, 400);
    let middleHeap = 0;
    {
      await using pool = new SmtpPool({ hostname: "127.0.0.1", port: server.port, startTls: false, maxConnections: 4 });
      for await (const { message, result, error } of pool.sendAll(this.#requests())) {
        this.#judge(Number(message.sender?.split("@")[0]), result !== undefined, error);
        if (this.#settled === this.#messages >> 1 && middleHeap === 0) middleHeap = heapInUse();
        progress?.(this.#settled);
      }
    }
    await server.close();
    // What was destroyed is gone some turns later.
    for (let turn = 0; turn < 100 && resources() !== before; turn++) await new Promise(setImmediate);
    const heapGrowth = heapInUse() - middleHeap;
    this.#checkAll();
    if (resources() !== before) this.#problem(`left over: ${resources()}; before: ${before}`);
    const { connections, drops, restarts } = server;
    return {
      messages: this.#messages,
      ...this.#counts,
      connections,
      drops,
      restarts,
      heapGrowth,
      problems: this.#problems,
    };
  }

  async *#requests(): AsyncGenerator<SendRequest, void, undefined> {
    while (this.#settled < this.#messages) {
      const index = this.#again.shift() ?? (this.#next < this.#messages ? this.#next++ : undefined);
      if (index !== undefined) yield this.#request(index);
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #request(index: number): SendRequest {
    this.#given[index] = (this.#given[index] ?? 0) + 1;
    const size = this.#dice.chance(2) ? 100_000 : this.#dice.below(2000);
    const message = `Subject: ${index}\r\n\r\n${".line of text\r\n".repeat(1 + size / 15)}`;
    const recipients = Array.from({ length: 1 + this.#dice.below(3) }, (_, one) => `${index}-${one}@r`);
    return { message, sender: `${index}@s`, recipients };
  }

  #commit(index: number): void {
    this.#copies[index] = (this.#copies[index] ?? 0) + 1;
  }

  #judge(index: number, isAccepted: boolean, error: unknown): void {
    const copies = this.#copies[index] ?? 0;
    const unknowns = this.#unknowns[index] ?? 0;
    if (isAccepted) {
      if (copies < 1 || copies > 1 + unknowns) this.#problem(`${index} was accepted, and is there ${copies} times`);
      this.#settle("accepted");
    } else if (!isSmtpError(error)) {
      this.#problem(`${index} failed with ${String(error)}`);
      this.#settle("refused");
    } else if (error.outcome === "unknown") {
      this.#unknowns[index] = unknowns + 1;
      if (index % 2 === 0) this.#sendAgain(index);
      else this.#settle("unknown");
    } else {
      if (copies > unknowns) this.#problem(`${index} was not sent, and is there ${copies} times: ${error.message}`);
      if (error.retry === "reconnect") this.#sendAgain(index);
      else this.#settle("refused");
    }
    this.#wake();
  }

  #sendAgain(index: number): void {
    if ((this.#given[index] ?? 0) >= MAX_GIVEN) {
      this.#problem(`${index} was given ${MAX_GIVEN} times in vain`);
      this.#settle("refused");
      return;
    }
    this.#counts.sentAgain++;
    this.#again.push(index);
  }

  #settle(as: "accepted" | "refused" | "unknown"): void {
    this.#counts[as]++;
    this.#settled++;
  }

  /** Once more at the end: a copy may have come late. */
  #checkAll(): void {
    const { accepted, refused, unknown } = this.#counts;
    if (accepted + refused + unknown !== this.#messages) this.#problem("some message has no end, or two");
    this.#copies.forEach((copies, index) => {
      if (copies > 1 + (this.#unknowns[index] ?? 0)) this.#problem(`${index} is there ${copies} times`);
    });
  }

  #problem(text: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(text);
  }
}

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Sockets, servers and timers that are open, as text. */
function resources(): string {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /TCP|Timeout|Server|Pipe/.test(kind) && kind !== "PipeWrap")
    .sort()
    .join(" ");
}
