/**
 * `@postrider/inbox/command`: the command of the inbox, for a command line that has it among others.
 */

export type { InboxOutbox, OutboxItem } from "../outbox/outbox-view.js";
export { INBOX_FLAGS, type InboxFlag } from "./flags.js";
export { printable, printableJson } from "./printable.js";
export { type CommandSurroundings, runInboxCommand } from "./run-command.js";
