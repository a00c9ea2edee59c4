/**
 * Takes the content of messages off the wire, within a budget shared by all connections.
 */
import type { SMTPServerDataStream } from "smtp-server";

/** Why a message was not taken, in the words and code of the reply. */
export class IntakeError extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

export class Intake {
  readonly #budget: number;
  #held = 0;

  /** @param budget bytes of unfinished messages, over all connections. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * Reads one message and hands its bytes to `keep`; they count against the budget until that is done.
   *
   * @throws IntakeError when the message is too large or there is no room; the stream is read to its end all the same.
   */
  async take(stream: SMTPServerDataStream, keep: (raw: Uint8Array) => Promise<void>): Promise<void> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let refusal: IntakeError | undefined;
    const release = (): void => {
      this.#held -= size;
      size = 0;
      chunks.length = 0;
    };
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        if (refusal !== undefined) continue;
        size += chunk.byteLength;
        this.#held += chunk.byteLength;
        chunks.push(chunk);
        refusal = this.#refusal(stream);
        // SECURITY: what will be refused is not held while the rest of it comes in.
        if (refusal !== undefined) release();
      }
      if (refusal !== undefined) throw refusal;
      await keep(joined(chunks, size));
    } finally {
      release();
    }
  }

  #refusal(stream: SMTPServerDataStream): IntakeError | undefined {
    if (stream.sizeExceeded) return new IntakeError(552, "Message exceeds the maximum size");
    return this.#held > this.#budget
      ? new IntakeError(452, "Too much mail is arriving at once, try again later")
      : undefined;
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
