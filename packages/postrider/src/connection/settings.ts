/**
 * The settings of one connection, made from validated options.
 *
 * Layer: connection.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import { ServerKnowledge } from "../session/knowledge.js";
import type { Tracer } from "../watch.js";
import type { Batcher } from "./batcher.js";

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
  /** Shared by the connections to the same server. Default: nothing is known. */
  readonly knowledge?: ServerKnowledge | undefined;
  /** Sign each message, in this order. */
  readonly dkim?: readonly DkimSigner[] | undefined;
  /** Shared by the connections of a pool. */
  readonly batcher?: Batcher | undefined;
}

export type { ServerKnowledge };

/** Knowledge of a server before the first connection: what the options rule out. */
export function knowledgeFor({ maxInFlight, chunking }: ResolvedConnectionOptions): ServerKnowledge {
  return new ServerKnowledge({ maxInFlight, chunking: chunking === "never" ? "unused" : "untried" });
}
