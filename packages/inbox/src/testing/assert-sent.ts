/**
 * Assertions for tests of programs that send mail, for node:test, Vitest and every other runner that knows AssertionError.
 */
import { AssertionError } from "node:assert";
import { InboxTimeoutError } from "../errors.js";
import type { Inbox } from "../inbox.js";
import type { InboxMessage } from "../message.js";
import type { WaitOptions } from "../store/waiters.js";
import { describeDifference } from "./difference.js";
import { checkExpectation, compareMessage, type MessageExpectation } from "./expectation.js";

/** What the assertions need of an inbox. */
export type SentMail = Pick<Inbox, "messages" | "waitFor">;

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
  inbox: SentMail,
  expectation: MessageExpectation,
  options: WaitOptions = {},
): Promise<InboxMessage> {
  checkExpectation(expectation);
  try {
    return await inbox.waitFor((message) => fits(message, expectation), options);
  } catch (error) {
    if (!(error instanceof InboxTimeoutError)) throw error;
    const { text, actual, expected } = describeDifference(inbox.messages, expectation);
    throw new AssertionError({ message: text, actual, expected, operator: "assertSent", stackStartFn: assertSent });
  }
}

/**
 * Passes when no message that fits has arrived up to now.
 *
 * @throws AssertionError naming the message that fits.
 */
export function assertNotSent(inbox: SentMail, expectation: MessageExpectation = {}): void {
  checkExpectation(expectation);
  const found = inbox.messages.find((message) => fits(message, expectation));
  if (found === undefined) return;
  const { subject, envelope } = found;
  throw new AssertionError({
    message: `A message that fits was sent: ${JSON.stringify(subject ?? "(no subject)")} to ${envelope.recipients.join(", ")}`,
    actual: { subject, ...envelope },
    expected: undefined,
    operator: "assertNotSent",
    stackStartFn: assertNotSent,
  });
}

function fits(message: InboxMessage, expectation: MessageExpectation): boolean {
  return compareMessage(message, expectation).every((field) => field.fits);
}
