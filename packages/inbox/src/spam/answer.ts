/**
 * What the two protocols of spam filters have in common: an answer that is read within limits, and how it fails.
 */
import type { ApiSpam, ApiSpamRule } from "../web/api-types.js";

/** Asks the filter at this address; rejects with SpamFilterError, the error of the socket, or the reason of the signal. */
export type AskFilter = (address: URL, question: SpamQuestion) => Promise<ApiSpam>;

export interface SpamQuestion {
  readonly raw: Uint8Array;
  /** Without recipients where it is not known, as of a message within a message. */
  readonly envelope: { readonly sender: string; readonly recipients: readonly string[] };
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Why there is no verdict: `"answer"` is one that is none, or says that the filter has failed. */
export type SpamFilterFault = "unreachable" | "timeout" | "answer" | "cancelled";

/** The spam filter could not be asked, in words for people. */
export class SpamFilterError extends Error {
  /** The name of the class. */
  override readonly name = "SpamFilterError";
  readonly fault: SpamFilterFault;
  constructor(fault: SpamFilterFault, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** SECURITY: an answer has some kilobytes; one without end must not fill our memory. */
export const MAX_ANSWER_BYTES: number = 1024 * 1024;
const MAX_RULES = 1000;
const MAX_TEXT = 1000;

/** All bytes until the end. */
export async function readAnswer(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new SpamFilterError("answer", "its reply is longer than 1 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** What speaks against the message first, then what speaks for it, then what has no points. */
export function orderedRules(rules: readonly ApiSpamRule[]): readonly ApiSpamRule[] {
  const group = ({ points }: ApiSpamRule): number => (points > 0 ? 0 : points < 0 ? 1 : 2);
  return rules
    .slice(0, MAX_RULES)
    .map(({ name, points, description }) => ({
      name: name.slice(0, MAX_TEXT),
      // No -0, which SpamAssassin says.
      points: points === 0 ? 0 : points,
      description: description.slice(0, MAX_TEXT),
    }))
    .sort((left, right) => group(left) - group(right) || Math.abs(right.points) - Math.abs(left.points));
}
