/**
 * Text of others on a terminal: the same for every command, and so the inbox's, which is a command of its own as well.
 */
export { printable, printableJson } from "@postrider/inbox/command";
