/**
 * Matchers for Vitest's and Jest's `expect.extend`.
 */
import { AssertionError } from "node:assert";
import type { WaitOptions } from "../store/waiters.js";
import { assertNotSent, assertSent, type RemoteMail, type SentMail } from "./assert-sent.js";
import type { MessageExpectation } from "./expectation.js";

/** What `expect.extend` asks of a matcher. */
export interface MatcherResult {
  /** Whether the expectation holds. */
  readonly pass: boolean;
  /** Says what was expected and what arrived. */
  readonly message: () => string;
  /** What arrived, for the difference. */
  readonly actual?: unknown;
  /** What was expected, for the difference. */
  readonly expected?: unknown;
}

/** The matchers as methods of what `expect()` returns, to be declared once for the runner. */
export interface InboxMatchers<Result> {
  /** Waits for a message that fits; with `not`, looks at what has arrived up to now. */
  toHaveSent(expectation?: MessageExpectation, options?: WaitOptions): Result;
}

/** `expect.extend(inboxMatchers)`, then `await expect(inbox).toHaveSent({ to: "ben@example.com" })`. */
export const inboxMatchers: {
  readonly toHaveSent: (
    this: { readonly isNot?: boolean | undefined },
    inbox: SentMail | RemoteMail,
    expectation?: MessageExpectation,
    options?: WaitOptions,
  ) => Promise<MatcherResult>;
} = {
  async toHaveSent(inbox, expectation = {}, options = {}) {
    try {
      if (this.isNot !== true) {
        await assertSent(inbox, expectation, options);
        return { pass: true, message: () => "A matching message was sent." };
      }
      // Overloads are told apart by one kind at a time.
      if ("fetchMessages" in inbox) await assertNotSent(inbox, expectation);
      else assertNotSent(inbox, expectation);
      return { pass: false, message: () => "No matching message was sent." };
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      const { message, actual, expected } = error;
      return { pass: this.isNot === true, message: () => message, actual, expected };
    }
  },
};
