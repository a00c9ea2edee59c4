/**
 * What the web side knows of the inbox around it.
 */
import type { DkimKeys } from "../checks/check.js";
import type { MessageStore } from "../store/message-store.js";
import type { Workshop } from "../work/workshop.js";
import type { ApiInbox } from "./api-types.js";

export interface WebContext {
  readonly store: MessageStore;
  readonly dkimKeys: DkimKeys;
  /** Where messages are checked and made ready to be shown. */
  readonly workshop: Workshop;
  /** How to send to this inbox, for the page to say. */
  readonly inbox: ApiInbox;
}
