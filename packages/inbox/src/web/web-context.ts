/**
 * What the web side knows of the inbox around it.
 */
import type { DkimKeys } from "../checks/check.js";
import type { InboxOutbox } from "../outbox/outbox-view.js";
import type { Release } from "../release.js";
import type { Reply } from "../reply.js";
import type { SpamFilter } from "../spam/spam-filter.js";
import type { MessageStore } from "../store/message-store.js";
import type { Workshop } from "../work/workshop.js";
import type { ApiInbox } from "./api-types.js";
import type { MessageFinder } from "./embedded.js";
import type { MayReach } from "./reachable.js";

export interface WebContext {
  readonly store: MessageStore;
  /** Also finds messages that are attached to others. */
  readonly finder: MessageFinder;
  /** Shown in a tab of its own; undefined: there is none. */
  readonly outbox?: InboxOutbox | undefined;
  readonly dkimKeys: DkimKeys;
  /** Which addresses links are requested from, when the reader asks for it. */
  readonly mayReach: MayReach;
  /** Where messages are checked and made ready to be shown. */
  readonly workshop: Workshop;
  /** How to send to this inbox, for the page to say, and what it does besides. */
  readonly inbox: () => ApiInbox;
  /** Sends a message to the one address that is configured; undefined when none leaves. */
  readonly release: Release | undefined;
  /** Replies to a message; the reply arrives in the inbox. */
  readonly reply: Reply;
  /** Undefined when none is asked. */
  readonly spamFilter?: SpamFilter | undefined;
}
