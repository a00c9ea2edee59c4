/**
 * A compiled message: what plugins and transports work with. It holds an EmailMessage of postrider, or a raw message with the header
 * fields that its envelope is made of.
 *
 * Layer: nodemailer. RFC 5322.
 */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { Readable, type Transform } from "node:stream";
import { type DkimSigner, EmailMessage } from "postrider";
import { type Entry, envelopeAddresses, oneLine, readAddresses } from "./addresses.js";
import type { PartContent } from "./content.js";
import { toNodemailerError } from "./errors.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import type { Address, Callback, Envelope, SentEnvelope } from "./types.js";

type HeadersInput = { readonly [key: string]: unknown } | readonly { readonly key: string; readonly value: unknown }[];
type Process = (stream: Readable) => Readable;

/** A message that can be read as bytes, or sent. */
export class MimeNode {
  /** The header section, and the content unless the message is raw. */
  readonly email: EmailMessage;
  /** Whether Bcc is part of the bytes. */
  keepBcc = false;
  disableFileAccess = false;
  disableUrlAccess = false;
  /** @internal Who signs the bytes. */
  signers: readonly DkimSigner[] = [];
  readonly #strict: boolean;
  #envelope: SentEnvelope | undefined;
  #raw: PartContent | undefined;
  readonly #processes: Process[] = [];

  constructor(email: EmailMessage = new EmailMessage(), { strict = false }: { strict?: boolean } = {}) {
    this.email = email;
    this.#strict = strict;
  }

  /** The bytes that were given, when the message is not composed here. */
  get raw(): PartContent | undefined {
    return this.#raw;
  }

  /** Whether the bytes are those of the EmailMessage, and nobody wants to change them. */
  get isPlain(): boolean {
    return this.#raw === undefined && this.isUntouched;
  }

  /** @internal Whether nobody changes the bytes on their way. */
  get isUntouched(): boolean {
    return this.#processes.length === 0 && this.signers.length === 0 && !this.keepBcc;
  }

  setRaw(raw: PartContent): this {
    this.#raw = raw;
    return this;
  }

  /** Replaces a field, or several. */
  setHeader(key: string | HeadersInput, value?: unknown): this {
    for (const [name, text] of pairsOf(key, value)) this.email.headers.set(name, text);
    return this;
  }

  addHeader(key: string | HeadersInput, value?: unknown): this {
    for (const [name, text] of pairsOf(key, value)) this.email.headers.append(name, text);
    return this;
  }

  getHeader(key: string): string | undefined {
    return this.email.headers.get(key);
  }

  /** The Message-ID; one is made when there is none. */
  messageId(): string {
    const { headers } = this.email;
    const known = headers.get("Message-ID");
    if (known !== undefined) return known;
    const domain = /@([^@>\s]+)$/.exec(this.getEnvelope().from || "")?.[1] ?? "localhost";
    const made = `<${randomUUID()}@${domain}>`;
    headers.set("Message-ID", made);
    return made;
  }

  /** Undefined: the header names sender and recipients. */
  get givenEnvelope(): SentEnvelope | undefined {
    return this.#envelope;
  }

  setEnvelope(envelope: Envelope | SentEnvelope): this {
    const { from, to, cc, bcc } = envelope as Envelope;
    const reading = { strict: this.#strict };
    const [sender = ""] = envelopeAddresses(readAddresses(from, "envelope.from", reading));
    const all = [to, cc, bcc].flatMap((one, index) =>
      readAddresses(one, `envelope.${["to", "cc", "bcc"][index]}`, reading),
    );
    this.#envelope = { from: sender, to: envelopeAddresses(all) };
    return this;
  }

  getEnvelope(): SentEnvelope {
    if (this.#envelope !== undefined) return this.#envelope;
    const { from, replyTo, sender, to, cc, bcc } = this.#entries();
    const [author] = envelopeAddresses([...from, ...sender, ...replyTo]);
    return { from: author ?? false, to: envelopeAddresses([...to, ...cc, ...bcc]) };
  }

  /** Addresses by the field that they stand in, in lower case. */
  getAddresses(): Record<string, Address[]> {
    const { from, sender, replyTo, to, cc, bcc } = this.#entries();
    const named = { from, sender, "reply-to": replyTo, to, cc, bcc };
    return Object.fromEntries(
      Object.entries(named)
        .filter(([, entries]) => entries.length > 0)
        .map(([name, entries]) => [name, entries.flatMap(plainAddresses)]),
    );
  }

  #entries(): Record<"from" | "sender" | "replyTo" | "to" | "cc" | "bcc", Entry[]> {
    const read = (name: string): Entry[] =>
      this.email.headers
        .getAll(name)
        .flatMap((text) => readAddresses(text, name.toLowerCase(), { strict: this.#strict }));
    return {
      from: read("From"),
      sender: read("Sender"),
      replyTo: read("Reply-To"),
      to: read("To"),
      cc: read("Cc"),
      bcc: read("Bcc"),
    };
  }

  /** Puts a stream between the message and whoever reads it. */
  transform(transform: Transform | (() => Transform)): void {
    this.#processes.push((stream) => stream.pipe(typeof transform === "function" ? transform() : transform));
  }

  processFunc(process: (stream: Readable) => Readable): void {
    this.#processes.push(process);
  }

  /** The message as bytes. */
  build(): Promise<Buffer>;
  build(callback: Callback<Buffer>): void;
  build(callback?: Callback<Buffer>): Promise<Buffer> | undefined {
    return promiseOrCallback(this.#build(), callback);
  }

  /** The message as a stream of Node's. */
  createReadStream(): Readable {
    // A stream of objects has no pieces of its own to join.
    const source = Readable.from(this.#pieces(), { objectMode: false });
    return this.#processes.reduce((stream, process) => {
      const next = process(stream);
      if (next !== stream) stream.once("error", (error) => next.destroy(error));
      return next;
    }, source);
  }

  async #build(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of this.createReadStream()) pieces.push(Buffer.from(piece as Uint8Array));
    } catch (error) {
      throw toNodemailerError(error);
    }
    return Buffer.concat(pieces);
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    if (this.#raw !== undefined) {
      yield* rawPieces(this.#raw);
      return;
    }
    if (this.email.headers.get("Message-ID") === undefined) this.messageId();
    if (this.signers.length > 0) {
      // No signature covers Bcc.
      const bytes = await this.email.toBytes({ bcc: this.keepBcc });
      for (const signer of this.signers) yield Buffer.from(`${await signer.sign(bytes)}\r\n`);
      yield bytes;
      return;
    }
    yield* this.email.stream({ bcc: this.keepBcc });
  }
}

/** A raw message with the line ends that mail has. */
async function* rawPieces(raw: PartContent): AsyncGenerator<Uint8Array> {
  const opened: unknown = typeof raw === "function" ? await raw() : raw;
  if (typeof opened === "string") yield Buffer.from(opened);
  else if (ArrayBuffer.isView(opened)) yield Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
  else
    for await (const piece of opened as AsyncIterable<Uint8Array | string>)
      yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

function plainAddresses(entry: Entry): Address[] {
  const members = "members" in entry ? entry.members : [entry];
  return members.map(({ name, address }) => ({ name: name ?? "", address }));
}

/** Names and values of header fields in any of the forms; empty values are left out. */
export function* pairsOf(key: string | HeadersInput, value?: unknown): Generator<readonly [string, string]> {
  if (typeof key === "string") {
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = headerText(one);
      if (text !== undefined) yield [key, text];
    }
  } else if (Array.isArray(key)) {
    for (const pair of key as readonly { key: string; value: unknown }[]) yield* pairsOf(pair.key, pair.value);
  } else {
    for (const [name, one] of Object.entries(key)) yield* pairsOf(name, one);
  }
}

/** SECURITY: a line break in a value is a space, never the end of the field. */
function headerText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && "value" in value) return headerText((value as { value: unknown }).value);
  if (Object.prototype.toString.call(value) === "[object Date]")
    return (value as Date).toUTCString().replace("GMT", "+0000");
  return oneLine(String(value));
}
