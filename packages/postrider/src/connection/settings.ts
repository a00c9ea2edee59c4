/**
 * What a connection is told when it is made: options that were checked, as it needs them.
 *
 * Layer: connection.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import { ServerKnowledge } from "../session/knowledge.js";
import type { Tracer } from "../watch.js";
import type { Turn } from "./flow.js";

export interface ConnectionSettings {
  /** Name for EHLO. */
  readonly localHostname: string;
  readonly isLmtp: boolean;
  /** Milliseconds without progress. */
  readonly timeout: number;
  /** The same for the greeting; default: `timeout`. */
  readonly greetingTimeout?: number | undefined;
  /** The same while content is sent; default: `timeout`. */
  readonly contentTimeout?: number | undefined;
  /** Milliseconds for the reply after the content. */
  readonly deliveryTimeout: number;
  readonly trace: Tracer | undefined;
  /** Shared with the other connections to the same server. Default: nothing is known. */
  readonly knowledge?: ServerKnowledge | undefined;
  /** Who signs the messages. */
  readonly dkim?: readonly DkimSigner[] | undefined;
  /** Shared with other connections that are busy at the same time. */
  readonly turn?: Turn | undefined;
}

export type { ServerKnowledge };

/** What is known of a server before the first connection: what the options forbid. */
export function knowledgeFor({ maxInFlight, chunking }: ResolvedConnectionOptions): ServerKnowledge {
  return new ServerKnowledge({ maxInFlight, chunking: chunking === "never" ? "unused" : "untried" });
}
