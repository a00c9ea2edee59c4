/**
 * What a connection is told when it is made: options that were checked, as it needs them.
 *
 * Layer: client.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { ChunkingState, WindowLimits } from "../protocol/window.js";
import type { Turn } from "./turn.js";
import type { Tracer } from "./wire-trace.js";

export interface ConnectionSettings {
  /** Name for EHLO. */
  readonly localHostname: string;
  readonly isLmtp: boolean;
  /** Milliseconds without progress. */
  readonly timeout: number;
  /** Milliseconds for the reply after the content. */
  readonly deliveryTimeout: number;
  readonly trace: Tracer | undefined;
  readonly limits?: WindowLimits | undefined;
  readonly chunking?: ChunkingState | undefined;
  /** Who signs the messages. */
  readonly dkim?: readonly DkimSigner[] | undefined;
  /** Shared with other connections that are busy at the same time. */
  readonly turn?: Turn | undefined;
}
