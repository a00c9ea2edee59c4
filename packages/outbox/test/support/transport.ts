/**
 * A transport that does as the test says, and remembers what it was given.
 */
import { setImmediate } from "node:timers/promises";
import type { DeliveryOptions, RawMessage, SendResult } from "postrider";
import type { OutboxTransport } from "../../src/index.js";

export interface Sent {
  readonly text: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly options: DeliveryOptions;
}

/** What a recipient is answered with, by its address; default 250. */
export type Answers = (address: string, sent: Sent) => number;

/** The parts of the library's errors that count. */
function failure(facts: Record<string, unknown>, message = "it broke"): Error {
  return Object.assign(new Error(message), facts);
}

export const FAULTS = {
  connect: () => failure({ code: "connect", phase: "connect", outcome: "not-sent", retry: "reconnect" }),
  login: () =>
    failure({
      code: "authentication",
      phase: "auth",
      outcome: "not-sent",
      retry: "never",
      reply: { code: 535, enhancedCode: "5.7.8", message: "no" },
    }),
  unknown: () => failure({ code: "disconnected", phase: "content", outcome: "unknown", retry: "reconnect" }),
} as const;

export class ScriptedTransport implements OutboxTransport {
  readonly capacity: number;
  readonly sent: Sent[] = [];
  answers: Answers = () => 250;
  /** Throws in place of an answer. */
  fault: (() => Error) | undefined;
  /** Holds every message back. */
  gate: Promise<void> | undefined;
  /** What was begun and has no answer yet. */
  open = 0;

  constructor(capacity = 10) {
    this.capacity = capacity;
  }

  async send(message: RawMessage, options: DeliveryOptions): Promise<SendResult> {
    const { sender = "", recipients: given } = options;
    const recipients = [given ?? []].flat().map((one) => (typeof one === "string" ? one : one.address));
    const sent = { text: await textOf(message), sender, recipients, options };
    this.sent.push(sent);
    this.open += 1;
    try {
      await (this.gate ?? setImmediate());
      if (this.fault !== undefined) throw this.fault();
      return this.#result(sent);
    } finally {
      this.open -= 1;
    }
  }

  #result(sent: Sent): SendResult {
    const codes = sent.recipients.map((address) => ({ address, code: this.answers(address, sent) }));
    const refused = codes
      .filter(({ code }) => code >= 400)
      .map(({ address, code }) =>
        failure({ code: "recipient-refused", recipient: address, outcome: "not-sent", reply: replyOf(code) }),
      );
    if (refused.length === codes.length) {
      throw failure({ code: "recipients-refused", phase: "rcpt", outcome: "not-sent", refused });
    }
    return {
      envelope: { sender: sent.sender, recipients: sent.recipients },
      accepted: codes.filter(({ code }) => code < 400).map(({ address }) => address),
      refused: refused as never,
      reply: replyOf(250),
      messageId: undefined,
      size: 0,
      extensions: new Map(),
      envelopeTime: 0,
      contentTime: 0,
    };
  }
}

const replyOf = (code: number) => ({
  code,
  enhancedCode: `${Math.floor(code / 100)}.0.0`,
  lines: [`answer ${code}`],
  message: `answer ${code}`,
});

async function textOf(message: RawMessage): Promise<string> {
  if (typeof message === "string") return message;
  if (ArrayBuffer.isView(message)) return Buffer.from(message as Uint8Array).toString("latin1");
  const chunks: Uint8Array[] = [];
  for await (const chunk of message as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** Looks again and again, in turns of the event loop, until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, what = "the condition"): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
