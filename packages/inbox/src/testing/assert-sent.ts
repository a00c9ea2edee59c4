/**
 * Assertions for tests of programs that send mail, for node:test, Vitest and every other runner that knows AssertionError.
 */
import { AssertionError } from "node:assert";
import { InboxTimeoutError } from "../errors.js";
import type { Inbox } from "../inbox.js";
import type { InboxMessage } from "../message.js";
import type { RemoteInbox } from "../remote/connect-inbox.js";
import type { WaitOptions } from "../store/waiters.js";
import { describeDifference } from "./difference.js";
import { checkExpectation, compareMessage, type MessageExpectation } from "./expectation.js";

/** What the assertions need of an inbox in this program. */
export type SentMail = Pick<Inbox, "messages" | "waitFor">;

/** What they need of an inbox elsewhere, as `connectInbox` gives it. */
export type RemoteMail = Pick<RemoteInbox, "fetchMessages" | "waitFor">;

/**
 * Resolves with the first message that fits, already there or to come.
 *
 * @example
 * await signUp("ben@example.com");
 * await assertSent(inbox, { to: "ben@example.com", subject: "Welcome", text: /confirm your address/ });
 *
 * @throws AssertionError after `timeout` milliseconds (default 3000), with the difference to the nearest message;
 * InboxOptionError when the expectation names something that no message has; the reason of `signal`.
 */
export async function assertSent(
  inbox: SentMail | RemoteMail,
  expectation: MessageExpectation,
  options: WaitOptions = {},
): Promise<InboxMessage> {
  checkExpectation(expectation);
  try {
    return await inbox.waitFor((message) => fits(message, expectation), options);
  } catch (error) {
    if (!(error instanceof InboxTimeoutError)) throw error;
    const { text, actual, expected } = describeDifference(await messagesOf(inbox), expectation);
    throw new AssertionError({ message: text, actual, expected, operator: "assertSent", stackStartFn: assertSent });
  }
}

/**
 * Passes when no message that fits has arrived up to now.
 *
 * @throws AssertionError naming the message that fits.
 */
export function assertNotSent(inbox: SentMail, expectation?: MessageExpectation): void;
/** The same of an inbox elsewhere, to be awaited. */
export function assertNotSent(inbox: RemoteMail, expectation?: MessageExpectation): Promise<void>;
export function assertNotSent(
  inbox: SentMail | RemoteMail,
  expectation: MessageExpectation = {},
): void | Promise<void> {
  checkExpectation(expectation);
  if (!isRemote(inbox)) return throwIfSent(inbox.messages, expectation);
  return inbox.fetchMessages().then((messages) => throwIfSent(messages, expectation));
}

function throwIfSent(messages: readonly InboxMessage[], expectation: MessageExpectation): void {
  const found = messages.find((message) => fits(message, expectation));
  if (found === undefined) return;
  const { subject, envelope } = found;
  throw new AssertionError({
    message: `A matching message was sent: ${JSON.stringify(subject ?? "(no subject)")} to ${envelope.recipients.join(", ")}`,
    actual: { subject, ...envelope },
    expected: undefined,
    operator: "assertNotSent",
    stackStartFn: assertNotSent,
  });
}

function isRemote(inbox: SentMail | RemoteMail): inbox is RemoteMail {
  return "fetchMessages" in inbox;
}

/** What has arrived so far. */
async function messagesOf(inbox: SentMail | RemoteMail): Promise<readonly InboxMessage[]> {
  return isRemote(inbox) ? inbox.fetchMessages() : inbox.messages;
}

function fits(message: InboxMessage, expectation: MessageExpectation): boolean {
  return compareMessage(message, expectation).every((field) => field.fits);
}
