/**
 * Streamed content on its way from the caller to the socket, no faster than the socket takes it.
 *
 * Layer: client.
 */

/** What pouring needs of a connection. */
export interface Sink {
  /** Hands over one canonical chunk; false: no more is wanted. */
  push(chunk: Uint8Array): boolean;
  /** Resolves when there is room, or the connection has ended; undefined when there is room now. */
  room(): Promise<void> | undefined;
}

/**
 * Reads the source to its end. When the connection ends meanwhile, the source is released by whoever ends it: a source that
 * never gives another chunk then leaves nothing but this promise behind.
 *
 * @returns true when all of it was taken.
 * @throws what the source throws.
 */
export async function pourContent(source: AsyncIterator<Uint8Array>, sink: Sink): Promise<boolean> {
  for (;;) {
    const next = await source.next();
    if (next.done === true) return true;
    if (!sink.push(next.value)) return false;
    await sink.room();
  }
}

/** Tells the source that nothing more is read; nobody waits for what it makes of that. */
export function releaseSource(source: AsyncIterator<Uint8Array> | undefined): void {
  void Promise.resolve(source?.return?.()).catch(() => undefined);
}
