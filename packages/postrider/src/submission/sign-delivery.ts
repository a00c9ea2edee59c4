/**
 * A delivery whose content is signed, once it has the form in which this server gets it.
 *
 * Layer: submission. RFC 6376 §5.3 (sign what goes on the wire).
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { CreateHasher } from "../dkim/hasher.js";
import { signBytesContent, signStreamContent } from "../dkim/sign-content.js";
import { TemporaryFile } from "../message/temporary-file.js";
import type { Capabilities } from "../wire/capabilities.js";
import { type Delivery, type OpenedContent, type Progress, withProgress } from "./submission.js";

/**
 * The same delivery, signed by each of the signers each time it is opened.
 *
 * A stream is read before MAIL: content that can be opened again is read twice, other streams are kept meanwhile, in memory up to
 * 1 MiB and then in a temporary file.
 *
 * @param createHasher SHA-256 of this machine
 */
export function signDelivery<One extends Delivery>(
  delivery: One,
  signers: readonly DkimSigner[],
  createHasher: CreateHasher,
): One {
  if (signers.length === 0) return delivery;
  const given = new AbortController();
  return {
    ...delivery,
    open: async (capabilities: Capabilities, progress: Progress = () => undefined): Promise<OpenedContent> => {
      const opened = await delivery.open(capabilities, progress);
      return signOpened(opened, signers, createHasher, { signal: given.signal, progress });
    },
    close: () => {
      delivery.close();
      given.abort();
    },
  };
}

async function signOpened(
  opened: OpenedContent,
  signers: readonly DkimSigner[],
  createHasher: CreateHasher,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<OpenedContent> {
  const { content, source, reopen, hasUtf8Headers } = opened;
  if (content.kind === "bytes") {
    const bytes = await signBytesContent(signers, content.bytes, createHasher);
    return { content: { ...content, bytes }, hasUtf8Headers, source };
  }
  if (source === undefined) throw new TypeError("streamed content without a source");
  let first: AsyncIterator<Uint8Array> | undefined = source;
  const open = (): AsyncIterator<Uint8Array> => {
    // Only the first reading comes before MAIL.
    const reading = first === undefined ? (reopen?.() ?? source) : withProgress(first, progress);
    first = undefined;
    return reading;
  };
  const tools = { createHasher, createSpool: () => new TemporaryFile(), signal };
  const signed = await signStreamContent(signers, { open, isRepeatable: reopen !== undefined }, tools);
  return { content: { ...content, size: signed.size }, hasUtf8Headers, source: signed.source };
}
