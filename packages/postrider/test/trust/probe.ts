/**
 * A probe puts a string into one field and uses the library with it. What comes of it is judged the same way for all fields.
 */
import type { Email } from "postal-mime";
import { SmtpClient, send } from "../../src/index.js";
import type { MessageFields } from "../../src/message/email-message.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import type { MessageInput } from "../../src/submission/prepare.js";
import type { Recorder } from "./recorder.js";

export interface Probe {
  /** What the field usually holds: the tricks are put before, inside and behind it. */
  readonly usual: string;
  /** Uses the library. What it resolves with is compared with what is meant, unless `read` says where to look. */
  run(text: string, recorder: Recorder): Promise<unknown>;
  /** What another parser finds in the message. */
  readonly read?: ((email: Email) => unknown) | undefined;
  /** What it should find; default: the text, unchanged. Undefined for a text of which nothing is promised. */
  readonly means?: ((text: string) => unknown) | undefined;
  /** A list: one string may name several mailboxes. Those in the header must be those in the envelope. */
  readonly isList?: boolean | undefined;
  /** A list that no header shows. */
  readonly isHidden?: boolean | undefined;
  /** The text is the name of a header field: another name is another field, and must stay one. */
  readonly namesField?: boolean | undefined;
  /** What it may be is known only when the server's mechanisms are: after EHLO, and before AUTH. */
  readonly isLate?: boolean | undefined;
  /** No string at all is right here, or none that a test could know. */
  readonly isNever?: boolean | undefined;
  /** PERF: a name of a file stands in two fields, in pieces and encoded: a megabyte of it costs seconds, linear as that is. */
  readonly isHeavy?: boolean | undefined;
  /** How an error names the field; default: by the last word of the field's name. */
  readonly named?: RegExp | undefined;
  /** Further errors, which are not of the kind "input": the server or the system says no. */
  readonly mayFail?: readonly string[] | undefined;
  /** Only what the server is told counts, not which fields the message has: the caller's text is the message. */
  readonly isRaw?: boolean | undefined;
  /** The text is a command or a parameter as it stands on the wire: it may be any, and must stay one. */
  readonly isVerbatim?: boolean | undefined;
}

export type Details = Omit<Partial<Probe>, "usual" | "run">;

/** What a field has: probes, or the reason why no string of a stranger's can stand in it. */
export type Slot = readonly Probe[] | string;
export type Slots = Readonly<Record<string, Slot>>;

export const BASE = {
  from: "ann@a.example",
  to: "bob@b.example",
  subject: "s",
  text: "t",
  date: new Date("2026-01-02T03:04:05Z"),
  messageId: "<id@a.example>",
} as const satisfies MessageFields;

export const LIMITS = {
  hostname: "server.example",
  localHostname: "client.example",
  startTls: false,
} as const satisfies ConnectionOptions;

/** A field of a message, sent by one call. */
export const inMessage = (usual: string, fields: (text: string) => MessageInput, details: Details = {}): Probe => ({
  usual,
  run: (text, recorder) => send(fields(text), { ...LIMITS, socket: recorder.open }),
  ...details,
});

/** A field of a literal, beside the usual ones. */
export const inFields = (usual: string, fields: (text: string) => object, details: Details = {}): Probe =>
  inMessage(usual, (text) => ({ ...BASE, ...fields(text) }), details);

export const inDelivery = (usual: string, options: (text: string) => object, details: Details = {}): Probe => ({
  usual,
  run: (text, recorder) =>
    send("Subject: s\r\n\r\nt\r\n", {
      ...LIMITS,
      sender: "ann@a.example",
      recipients: "bob@b.example",
      ...(options(text) as DeliveryOptions),
      socket: recorder.open,
    }),
  isRaw: true,
  ...details,
});

export const inConnection = (usual: string, options: (text: string) => object, details: Details = {}): Probe => ({
  usual,
  run: (text, recorder) => send(BASE, { ...LIMITS, socket: recorder.open, ...(options(text) as ConnectionOptions) }),
  ...details,
});

/** A method of a client that is connected and has greeted. */
export const inCommand = (
  usual: string,
  call: (client: SmtpClient, text: string, recorder: Recorder) => Promise<unknown>,
  details: Details = {},
): Probe => ({
  usual,
  run: async (text, recorder) => {
    const client = new SmtpClient({ ...LIMITS, socket: recorder.open, allowPlaintextAuth: true });
    await client.connect();
    await client.noop();
    recorder.mark();
    try {
      await call(client, text, recorder);
    } finally {
      client.close();
    }
  },
  ...details,
});

/** No server: what the call gives is compared with what is meant. */
export const alone = (usual: string, call: (text: string) => unknown, details: Details = {}): Probe => ({
  usual,
  run: async (text) => await call(text),
  means: () => undefined,
  ...details,
});

/** QUIRK: postal-mime decodes a file name twice, so one that reads like an encoded word is another one to it. */
export const asName = (text: string): unknown => (/=\?[^?]*\?[bq]\?/i.test(text) ? undefined : text);

/** An empty name is none. */
export const asDisplayName = (text: string): unknown => (text === "" ? undefined : text);

/** Line ends of text become CRLF; what reads it back gives LF, and how many stand at the end is not promised. */
export const asText = (text: string): unknown => text.replace(/\r\n|\r|\n/g, "\n").replace(/\n+$/, "");
export const textOf = (email: Email): unknown => email.text?.replace(/\r\n/g, "\n").replace(/\n+$/, "");

/** Fields that take no string, or none that a test could know: whatever is tried is an error. */
export const never = (probes: readonly Probe[]): readonly Probe[] =>
  probes.map((probe) => ({ ...probe, isNever: true }));
