/**
 * All work whose cost grows with a message: parsing, checks, and the answers that show it. Values in, values out, so that a
 * task runs in a thread as well as in place.
 */
import { Buffer } from "node:buffer";
import { checkMessage, type DkimKeys } from "../checks/check.js";
import { InboxHeaders } from "../inbox-headers.js";
import type { InboxMessage } from "../message.js";
import { type Delivery, parseMessage } from "../parse-message.js";
import type { ApiCheck } from "../web/api-types.js";
import { frameContent, framePolicy } from "../web/message-frame.js";
import { messageDetails } from "../web/message-json.js";
import { printPage } from "../web/print-page.js";

/** A message that can be sent to a thread: classes lose their methods on the way. */
export type PlainMessage = Omit<InboxMessage, "headers"> & { readonly headers: InboxHeaders["fields"] };

/** The HTML of a message as bytes, and the policy that it is shown with. */
export interface Frame {
  readonly content: Uint8Array;
  readonly policy: string;
}

export const TASKS: {
  /** Everything but the bytes, which the caller has. */
  readonly parse: (input: {
    readonly delivery: Delivery;
    readonly maxKept: number;
  }) => Promise<Omit<PlainMessage, "raw">>;
  /** JSON of an ApiMessage. */
  readonly details: (input: { readonly message: PlainMessage; readonly read: boolean }) => Promise<Uint8Array>;
  readonly checks: (input: {
    readonly message: PlainMessage;
    readonly dkimKeys: DkimKeys;
  }) => Promise<readonly ApiCheck[]>;
  readonly frame: (input: { readonly message: PlainMessage; readonly remote: boolean }) => Promise<Frame>;
  readonly print: (input: { readonly message: PlainMessage }) => Promise<Frame>;
} = {
  parse: async ({ delivery, maxKept }) => {
    const { raw: _raw, ...parsed } = plain(await parseMessage(delivery, maxKept));
    return parsed;
  },
  details: async ({ message, read }) => bytes(JSON.stringify(messageDetails(revived(message), read))),
  checks: ({ message, dkimKeys }) => checkMessage(revived(message), dkimKeys),
  frame: async ({ message, remote }) => {
    const whole = revived(message);
    return { content: bytes(frameContent(whole)), policy: framePolicy(whole, remote) };
  },
  print: async ({ message }) => {
    const { content, policy } = printPage(revived(message));
    return { content: bytes(content), policy };
  },
};

export type Tasks = typeof TASKS;
export type TaskInput<Name extends keyof Tasks> = Parameters<Tasks[Name]>[0];
export type TaskResult<Name extends keyof Tasks> = Awaited<ReturnType<Tasks[Name]>>;

export function plain(message: InboxMessage): PlainMessage {
  return { ...message, headers: message.headers.fields };
}

export function revived<Message extends { readonly headers: InboxHeaders["fields"] }>(
  message: Message,
): Omit<Message, "headers"> & { readonly headers: InboxHeaders } {
  return { ...message, headers: new InboxHeaders(message.headers) };
}

// Never a piece of Node's pool: what is sent to another thread is moved, and would take the rest of the pool along.
function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
