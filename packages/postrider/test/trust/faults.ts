/**
 * One dialogue with one cut: played to its end in virtual time, and judged by what the server took.
 */
import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { type SecureContext, TLSSocket } from "node:tls";
import { isSmtpError, SmtpClient, SmtpPool, send } from "../../src/index.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import type { WorkerSocket } from "../../src/options/target.js";
import type { SendResult } from "../../src/result.js";
import type { VirtualClock } from "../model/virtual-clock.js";
import { workerSocket } from "../support/sockets-double.js";
import { onWorkers } from "../support/transports.js";
import { type Cut, Link } from "./link.js";
import { Machine } from "./machine.js";

export interface Dialogue {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly secureExtensions?: readonly string[];
  readonly lmtp?: boolean;
  readonly options?: ConnectionOptions;
  /** The server's side of TLS. */
  readonly secureContext?: SecureContext;
  /** Recipients of each message; those with "nobody" in them are refused. */
  readonly messages: readonly (readonly string[])[];
  /** `send`: one call, one message, QUIT in the same write. */
  readonly by: "send" | "client" | "pool";
  /** Content as a stream, so that its size is not known. */
  readonly isStreamed?: boolean;
}

export type Outcome = "accepted" | "refused" | "not-sent" | "unknown";

interface Ending {
  readonly outcome: Outcome;
  readonly result?: SendResult;
  readonly error?: unknown;
}

export interface Played {
  readonly outcomes: readonly Outcome[];
  /** How many bytes each side wrote on the first connection. */
  readonly written: { readonly client: number; readonly server: number };
  /** What was not true. */
  readonly problems: readonly string[];
}

/** Turns without movement after which only time can move something. TLS works on some of them unseen. */
const QUIET_TURNS = { clear: 8, tls: 40 } as const;
const MOST_TURNS = 5000;

/** One server's life: every connection has its machine, and all have one memory of what was taken. */
class Stage {
  readonly machines: Machine[] = [];
  readonly links: Link[] = [];
  /** What the client handed over whole, arrived or not: a machine that hears all and is never heard. */
  readonly shadows: Machine[] = [];
  movement = 0;
  readonly #dialogue: Dialogue;
  readonly #cut: Cut | undefined;

  constructor(dialogue: Dialogue, cut: Cut | undefined) {
    this.#dialogue = dialogue;
    this.#cut = cut;
  }

  open(): Link["client"] {
    const { extensions, secureExtensions, lmtp = false, secureContext } = this.#dialogue;
    const shadow = this.#shadow();
    const link = new Link(this.links.length === 0 ? this.#cut : undefined, {
      moved: () => this.movement++,
      sniff: (side, bytes) => {
        if (side === "client" && secureContext === undefined) shadow.take(bytes);
      },
    });
    this.links.push(link);
    let stream: Link["server"] | TLSSocket = link.server;
    const listen = (): void => {
      stream.on("data", (bytes: Buffer) => machine.take(bytes));
      stream.on("error", () => undefined);
      stream.on("end", () => stream.end());
    };
    const machine = new Machine({
      extensions,
      ...(secureExtensions === undefined ? {} : { secureExtensions }),
      lmtp,
      refuses: "nobody",
      say: (bytes) => {
        if (stream.writable) stream.write(bytes);
      },
      secure: () => {
        link.server.removeAllListeners();
        if (secureContext === undefined) throw new Error("this server has no certificate");
        stream = new TLSSocket(link.server, { isServer: true, secureContext });
        listen();
      },
      leave: () => stream.end(),
    });
    this.machines.push(machine);
    listen();
    machine.greet();
    return link.client;
  }

  #shadow(): Machine {
    const { extensions, lmtp = false } = this.#dialogue;
    const shadow = new Machine({ extensions, lmtp, refuses: "nobody", say: () => undefined });
    this.shadows.push(shadow);
    return shadow;
  }

  /** Lets turns pass, and time when nothing moves; false when the promise never settles. */
  async drive(until: Promise<unknown>, clock: VirtualClock): Promise<boolean> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    until.then(over, over);
    const most = this.#dialogue.secureContext === undefined ? QUIET_TURNS.clear : QUIET_TURNS.tls;
    let quiet = 0;
    for (let step = 0; step < MOST_TURNS; step++) {
      const before = this.movement;
      await turn();
      if (isOver) return true;
      quiet = this.movement === before ? quiet + 1 : 0;
      if (quiet < most) continue;
      if (!clock.jump()) return false;
      quiet = 0;
    }
    return false;
  }
}

const LIMITS = { timeout: 60_000, deliveryTimeout: 600_000, localHostname: "client.example", startTls: false } as const;

/** The stream, or on Cloudflare Workers a socket of theirs over it. */
const overTransport = (stream: Link["client"]): Link["client"] | WorkerSocket =>
  onWorkers ? workerSocket(stream, { secureTransport: "starttls", host: "localhost" }) : stream;

export async function play(dialogue: Dialogue, clock: VirtualClock, cut?: Cut): Promise<Played> {
  const stage = new Stage(dialogue, cut);
  const options = { ...LIMITS, ...dialogue.options, socket: () => overTransport(stage.open()) };
  const endings: Ending[] = [];
  const problems: string[] = [];
  const isOver = await stage.drive(run(dialogue, options, endings), clock);
  if (!isOver) problems.push("it never ends");
  // The verdict settles send(); QUIT has a quarter of a second after that.
  if (dialogue.by === "send" && clock.pending > 0) {
    const before = clock.now;
    clock.jump();
    if (clock.now - before > 250) problems.push("QUIT keeps the connection open");
  }
  // What the end began: a FIN that is on its way.
  for (let rest = 0; rest < 6; rest++) await turn();
  for (const link of stage.links) if (!link.client.destroyed) problems.push("the socket is open");
  if (clock.pending > 0) problems.push(`${clock.pending} timers are left`);
  problems.push(...stage.machines.flatMap((machine) => machine.violations));
  dialogue.messages.forEach((recipients, index) => {
    problems.push(...judge(dialogue, stage, `m${index}`, recipients, endings[index]));
  });
  const [first] = stage.links;
  return {
    outcomes: endings.map((ending) => ending.outcome),
    written: first?.written ?? { client: 0, server: 0 },
    problems,
  };
}

function run(dialogue: Dialogue, options: ConnectionOptions, endings: Ending[]): Promise<void> {
  const requests = dialogue.messages.map((recipients, index) => ({ ...request(dialogue, recipients, index), index }));
  const tell = (index: number, sending: Promise<SendResult>): Promise<void> =>
    sending.then(
      (result) => {
        endings[index] = { outcome: "accepted", result };
      },
      (error: unknown) => {
        endings[index] = { outcome: outcomeOf(error), error };
      },
    );
  if (dialogue.by === "send") {
    return all(
      requests.map(({ index, content, delivery }) => tell(index, send(content(), { ...options, ...delivery }))),
    );
  }
  const sender = dialogue.by === "pool" ? new SmtpPool({ ...options, maxConnections: 1 }) : new SmtpClient(options);
  const ready = sender instanceof SmtpClient ? sender.connect().then(() => undefined) : Promise.resolve();
  return ready.then(
    async () => {
      await all(requests.map(({ index, content, delivery }) => tell(index, sender.send(content(), delivery))));
      if (sender instanceof SmtpPool) await sender.close();
      else await sender.quit().catch(() => undefined);
    },
    // Without a connection nothing was sent, and the error of connecting says so.
    async (error: unknown) => all(requests.map(({ index }) => tell(index, Promise.reject(error)))),
  );
}

const all = (promises: readonly Promise<void>[]): Promise<void> => Promise.all(promises).then(() => undefined);

function request(
  { isStreamed = false }: Dialogue,
  recipients: readonly string[],
  index: number,
): { content: () => string | AsyncIterable<Uint8Array>; delivery: DeliveryOptions } {
  const text = `Subject: m${index}\r\n\r\n.dot\r\nbye\r\n`;
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text.slice(0, 10));
    yield Buffer.from(text.slice(10));
  }
  return {
    content: () => (isStreamed ? stream() : text),
    delivery: { sender: `m${index}@s.example`, recipients: recipients.map((one) => `${one}@r.example`) },
  };
}

function outcomeOf(error: unknown): Outcome {
  if (!isSmtpError(error)) throw error;
  if (error.outcome === "unknown") return "unknown";
  const { code } = error;
  const isRefusal = code === "data" || code === "recipients-refused" || code === "sender-refused";
  return isRefusal ? "refused" : "not-sent";
}

/** Whether what the caller was told of one message is true. */
function judge(
  dialogue: Dialogue,
  stage: Stage,
  id: string,
  recipients: readonly string[],
  ending: Ending | undefined,
): string[] {
  if (ending === undefined) return [`${id}: no word of it`];
  const mine = (machines: readonly Machine[]) =>
    machines.flatMap((machine) => machine.committed).filter((one) => one.mail.includes(`<${id}@`));
  const taken = mine(stage.machines);
  const [first] = taken;
  const { outcome, result } = ending;
  const tell = (what: string): string[] => [`${id} (${outcome}): ${what}`];
  if (taken.length > 1) return tell(`taken ${taken.length} times`);
  if (first !== undefined && first.content !== `Subject: ${id}\r\n\r\n.dot\r\nbye\r\n`)
    return tell("taken with other content");
  if (outcome === "accepted") {
    if (first === undefined) return tell("the server has not taken it");
    const accepted = result?.accepted.map((one) => `RCPT TO:<${one}>`) ?? [];
    if (accepted.join() !== first.recipients.join()) return tell(`accepted is ${accepted.join()}`);
    return (result?.refused.length ?? 0) + accepted.length === recipients.length ? [] : tell("a recipient is missing");
  }
  if (outcome === "unknown") {
    const isHandedOver = dialogue.secureContext !== undefined || mine(stage.shadows).length > 0;
    return isHandedOver ? [] : tell("its end never left the client, so it surely was not sent");
  }
  return first === undefined ? [] : tell("the server has taken it");
}
