/**
 * Composes a message once: the bytes that every attempt will send, and the envelope.
 */
import { type DeliveryOptions, EmailMessage, MessageError, type MessageInput, SmtpClient } from "postrider";
import { Fingerprint } from "./fingerprint.js";
import { type RehearsalListener, RehearsalServer } from "./rehearsal.js";

/** Bytes of one part of the content in the database. */
const PART_BYTES = 1024 * 1024;

export interface ComposedRecipient {
  readonly address: string;
  /** `notify` and `originalRecipient`. */
  readonly options: object | undefined;
}

export interface Composed {
  readonly sender: string;
  readonly recipients: readonly ComposedRecipient[];
  readonly messageId: string;
  readonly envelopeId: string | undefined;
  readonly size: number;
  readonly parts: number;
  /** The content when it is one part; else the parts were written. */
  readonly head: Uint8Array | undefined;
  readonly needsUtf8: boolean;
  /** Of the message as the caller gave it; undefined unless it was asked for. */
  readonly fingerprint: string | undefined;
}

export interface ComposeRequest {
  readonly message: MessageInput;
  readonly options: DeliveryOptions;
  readonly maxSize: number;
  readonly needsFingerprint: boolean;
  /** The id of the message: the sender (VERP) and ENVID may hold it, and it does not count for the fingerprint. */
  readonly id: string;
  /** Takes the parts of a message that has more than one, in order. */
  writePart(part: number, bytes: Uint8Array): Promise<void>;
}

interface Stage {
  readonly client: SmtpClient;
  readonly server: RehearsalServer;
}

/** Composes messages; keeps a few connections to servers in memory. */
export class Composer {
  /** Idle ones. Messages of the library's are composed for servers without 8BITMIME, raw ones are as they are. */
  readonly #idle: { readonly sevenBit: Stage[]; readonly eightBit: Stage[] } = { sevenBit: [], eightBit: [] };

  /** @throws AddressError, MessageError, OptionError that names the field; what `writePart` and the message's streams throw */
  async compose(request: ComposeRequest): Promise<Composed> {
    const { message, options } = request;
    const isRaw = isRawMessage(message);
    const own = isRaw ? undefined : ownMessage(message);
    const takesEightBit = own === undefined || hasUtf8Mailbox(own);
    const stages = takesEightBit ? this.#idle.eightBit : this.#idle.sevenBit;
    const stage = stages.pop() ?? createStage(takesEightBit);
    const hearing = new Hearing(request, own);
    stage.server.listen(hearing);
    try {
      if (!stage.client.isConnected) await stage.client.connect();
      const result = await stage.client.send(own ?? message, options);
      return await hearing.finish(result.envelope);
    } catch (error) {
      throw hearing.failure ?? error;
    } finally {
      stage.server.listen(undefined);
      if (stage.client.isConnected && stages.length < MAX_IDLE && hearing.failure === undefined) stages.push(stage);
      else stage.client.close();
    }
  }

  close(): void {
    for (const stages of [this.#idle.sevenBit, this.#idle.eightBit])
      for (const { client } of stages.splice(0)) client.close();
  }
}

const MAX_IDLE = 128;

function createStage(takesEightBit: boolean): Stage {
  const server = new RehearsalServer(takesEightBit);
  // The library's channels tell nothing of a server of this name.
  const hostname = "rehearsal.invalid";
  return { server, client: new SmtpClient({ socket: server, hostname, localHostname: hostname, startTls: false }) };
}

/** What one message says of itself. */
class Hearing implements RehearsalListener {
  readonly #request: ComposeRequest;
  readonly #fingerprint: Fingerprint | undefined;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #size = 0;
  #parts = 0;
  #needsUtf8 = false;
  readonly #paths: string[] = [];
  #head: Uint8Array = new Uint8Array();
  /** What the outbox itself objects to; the library only sees a connection that broke. */
  failure: unknown;

  constructor(request: ComposeRequest, own: EmailMessage | undefined) {
    this.#request = request;
    const isGenerated = (name: string): boolean => own !== undefined && !own.headers.has(name);
    const without = ["Date", "Message-ID"].filter(isGenerated);
    this.#fingerprint = request.needsFingerprint ? new Fingerprint(own !== undefined, without) : undefined;
  }

  mail(line: string): void {
    this.#needsUtf8 = / SMTPUTF8\b/.test(line);
    this.#fingerprint?.note(line.replaceAll(this.#request.id, ""));
  }

  rcpt(line: string): void {
    this.#paths.push(line);
    this.#fingerprint?.note(line);
  }

  content(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length;
    if (this.#size > this.#request.maxSize) {
      this.failure = new MessageError("message", `must not be larger than ${this.#request.maxSize} bytes (maxSize)`);
      throw this.failure;
    }
    this.#fingerprint?.push(chunk);
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    return this.#held > PART_BYTES ? this.#writeParts() : undefined;
  }

  /** Whole parts; what is left is shorter than one, and not empty. */
  async #writeParts(): Promise<void> {
    const held = Buffer.concat(this.#chunks, this.#held);
    let start = 0;
    try {
      for (; held.length - start > PART_BYTES; start += PART_BYTES) {
        const part = held.subarray(start, start + PART_BYTES);
        if (this.#parts === 0) this.#head = Uint8Array.from(part.subarray(0, MAX_HEADER_BYTES));
        await this.#request.writePart(this.#parts, part);
        this.#parts += 1;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
    this.#chunks = [Buffer.from(held.subarray(start))];
    this.#held = held.length - start;
  }

  async finish(envelope: { sender: string; recipients: readonly string[] }): Promise<Composed> {
    const rest = Buffer.concat(this.#chunks, this.#held);
    const isOnePart = this.#parts === 0;
    if (!isOnePart) {
      await this.#request.writePart(this.#parts, rest);
    } else this.#head = rest;
    const { options } = this.#request;
    return {
      sender: envelope.sender,
      recipients: envelope.recipients.map((address, index) => ({
        address,
        options: recipientOptions(this.#paths[index] ?? "", options.rcptOptions ?? []),
      })),
      messageId: readMessageId(this.#head),
      envelopeId: options.dsn?.envelopeId,
      size: this.#size,
      parts: this.#parts + 1,
      head: isOnePart ? rest : undefined,
      needsUtf8: this.#needsUtf8,
      fingerprint: this.#fingerprint?.digest(),
    };
  }
}

/** No header is longer that anybody would read for a Message-ID. */
const MAX_HEADER_BYTES = 256 * 1024;

/** PERF: a look for one field; reading all of them takes as long as composing the message. */
function readMessageId(head: Uint8Array): string {
  const buffer = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const end = buffer.indexOf("\r\n\r\n");
  const header = buffer.toString("utf8", 0, end < 0 ? Math.min(MAX_HEADER_BYTES, buffer.length) : end + 2);
  const value = /^Message-ID[ \t]*:(.*(?:\r\n[ \t].*)*)/im.exec(header)?.[1] ?? "";
  const id = value.replaceAll(/\r\n/g, "").trim();
  // SECURITY: a raw message may hold what PostgreSQL takes for no text.
  return /[\0-\x1f]|\p{Surrogate}|\ufffd/u.test(id) ? "" : id;
}

/** The parameters of one RCPT that the recipient has of its own (RFC 3461 §4.1 and §4.2). */
function recipientOptions(line: string, shared: readonly string[]): object | undefined {
  const own = line
    .slice(line.lastIndexOf(">") + 1)
    .split(" ")
    .filter((one) => one !== "" && !shared.includes(one));
  const value = (name: string): string | undefined =>
    own.find((one) => one.toUpperCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const notify = value("NOTIFY")?.toLowerCase();
  const original = value("ORCPT")?.replace(/\+([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (notify === undefined && original === undefined) return undefined;
  return {
    ...(notify === undefined ? {} : { notify: notify === "never" ? "never" : notify.split(",") }),
    ...(original === undefined ? {} : { originalRecipient: original.replace(/^rfc822;/i, "") }),
  };
}

function ownMessage(message: MessageInput): EmailMessage {
  const given = message as { toBytes?: unknown; stream?: unknown; headers?: unknown };
  if (typeof given === "object" && given !== null && typeof given.toBytes === "function")
    return message as EmailMessage;
  return new EmailMessage(message as never);
}

/**
 * A header with a local part that is not ASCII needs SMTPUTF8, and with it comes 8BITMIME (RFC 6531 §3.1). Display names and domains
 * have an ASCII form.
 */
function hasUtf8Mailbox({ headers }: EmailMessage): boolean {
  for (const [, value] of headers) if (/[^\x00-\x7f][^\s<>,;:()@]*@/.test(value)) return true;
  return false;
}

/** As the library tells raw messages from the others. */
function isRawMessage(message: unknown): boolean {
  if (typeof message === "string") return true;
  if (typeof message !== "object" || message === null) return false;
  if (ArrayBuffer.isView(message) || Object.prototype.toString.call(message) === "[object ArrayBuffer]") return true;
  const { toBytes, getReader, arrayBuffer, stream } = message as Record<string, unknown>;
  if (typeof toBytes === "function") return false;
  return (
    typeof getReader === "function" ||
    typeof arrayBuffer === "function" ||
    typeof stream === "function" ||
    Symbol.asyncIterator in message
  );
}
