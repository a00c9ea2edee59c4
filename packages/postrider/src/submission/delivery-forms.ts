/**
 * Wraps a delivery: with DKIM signatures, or split into several transactions that share its content.
 *
 * Layer: submission. RFC 6376 §5.3 (sign what goes on the wire), RFC 9422 §4.2 (RCPTMAX).
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import { signBytesContent, signStreamContent } from "../dkim/sign-content.js";
import { TemporaryFile } from "../message/files/temporary-file.js";
import type { Envelope } from "../session/envelope.js";
import type { Capabilities } from "../wire/capabilities.js";
import { type Delivery, type OpenedContent, type Progress, withProgress } from "./submission.js";

/**
 * The delivery with a signature of each signer, made whenever it is opened.
 *
 * A stream is read before MAIL: content that can be opened again is read twice, any other stream is spooled, in memory up to 1 MiB and
 * then in a temporary file.
 */
export function signDelivery<One extends Delivery>(delivery: One, signers: readonly DkimSigner[]): One {
  if (signers.length === 0) return delivery;
  const given = new AbortController();
  return {
    ...delivery,
    open: async (capabilities: Capabilities, progress: Progress = () => undefined): Promise<OpenedContent> => {
      const opened = await delivery.open(capabilities, progress);
      return signOpened(opened, signers, { signal: given.signal, progress });
    },
    close: () => {
      delivery.close();
      given.abort();
    },
  };
}

export interface SplitDelivery {
  readonly deliveries: readonly Delivery[];
  /** Deletes the spooled content; none of them is opened after that. */
  release(): void;
}

/**
 * One delivery per envelope; they are opened one after the other.
 *
 * Content in memory, or that can be opened again, is shared. Any other stream is spooled before the first MAIL, in memory up to 1 MiB
 * and then in a temporary file.
 */
export function splitDelivery(delivery: Delivery, envelopes: readonly Envelope[]): SplitDelivery {
  const content = new SharedContent(delivery);
  const share = (envelope: Envelope): Delivery => ({
    envelope,
    messageId: delivery.messageId,
    isStreamed: delivery.isStreamed,
    signers: delivery.signers,
    open: (capabilities, progress) => content.open(capabilities, progress),
    close: () => content.close(),
  });
  return { deliveries: envelopes.map(share), release: () => content.close() };
}

async function signOpened(
  opened: OpenedContent,
  signers: readonly DkimSigner[],
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<OpenedContent> {
  const { content, source, reopen, hasUtf8Headers } = opened;
  if (content.kind === "bytes") {
    const bytes = await signBytesContent(signers, content.bytes);
    return { content: { ...content, bytes }, hasUtf8Headers, source };
  }
  if (source === undefined) throw new TypeError("streamed content without a source");
  let first: AsyncIterator<Uint8Array> | undefined = source;
  const open = (): AsyncIterator<Uint8Array> => {
    // Only the first reading is before MAIL and needs a timeout.
    const reading = first === undefined ? (reopen?.() ?? source) : withProgress(first, progress);
    first = undefined;
    return reading;
  };
  const tools = { createSpool: () => new TemporaryFile(), signal };
  const signed = await signStreamContent(signers, { open, isRepeatable: reopen !== undefined }, tools);
  return { content: { ...content, size: signed.size }, hasUtf8Headers, source: signed.source };
}

class SharedContent {
  readonly #delivery: Delivery;
  readonly #closing = new AbortController();
  readonly #spool = new TemporaryFile();
  #shared: { readonly opened: OpenedContent; readonly forEightBit: boolean } | undefined;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  open(capabilities: Capabilities, progress: Progress = () => undefined): OpenedContent | Promise<OpenedContent> {
    const forEightBit = capabilities.extensions.has("8BITMIME");
    // A later connection may lead to a server with other capabilities.
    if (this.#shared?.forEightBit === forEightBit) return openAgain(this.#shared.opened);
    const opened = this.#delivery.open(capabilities, progress);
    const share = (content: OpenedContent): OpenedContent => {
      this.#shared = { opened: content, forEightBit };
      return content;
    };
    if (!(opened instanceof Promise) && isRepeatable(opened)) return share(opened);
    return Promise.resolve(opened)
      .then((one) => (isRepeatable(one) ? one : this.#spoolStream(one, progress)))
      .then(share);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#delivery.close();
    void this.#spool.close().catch(() => undefined);
  }

  async #spoolStream({ content, source, hasUtf8Headers }: OpenedContent, progress: Progress): Promise<OpenedContent> {
    if (source === undefined || content.kind === "bytes") throw new TypeError("streamed content without a source");
    const size = await readThrough(withProgress(source, progress), this.#spool, this.#closing.signal);
    const reopen = (): AsyncIterator<Uint8Array> => this.#spool.read();
    return { content: { ...content, size }, hasUtf8Headers, source: reopen(), reopen };
  }
}

function isRepeatable({ content, reopen }: OpenedContent): boolean {
  return content.kind === "bytes" || reopen !== undefined;
}

function openAgain(opened: OpenedContent): OpenedContent {
  return opened.reopen === undefined ? opened : { ...opened, source: opened.reopen() };
}

/** Returns the number of bytes. */
function readThrough(source: AsyncIterator<Uint8Array>, spool: TemporaryFile, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    // An abort does not wait for the next chunk, which may never come.
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    fill(source, spool, signal)
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener("abort", abort);
        void Promise.resolve(source.return?.()).catch(() => undefined);
      });
  });
}

async function fill(source: AsyncIterator<Uint8Array>, spool: TemporaryFile, signal: AbortSignal): Promise<number> {
  let size = 0;
  for (;;) {
    const next = await source.next();
    if (next.done === true || signal.aborted) return size;
    size += next.value.length;
    await spool.write(next.value);
  }
}
