/**
 * The checks of a message: what receivers would complain about, found by looking at the message alone.
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck, ApiCheckLevel } from "../web/api-types.js";
import { checkCidReferences, checkRemoteContent } from "./content-references.js";
import { checkSignatures } from "./dkim/signature-check.js";
import { checkBcc, checkDate, checkFrom, checkMessageId, checkSubject } from "./header-checks.js";
import { checkLines, checkSize, checkText } from "./size-checks.js";
import { checkUnsubscribe } from "./unsubscribe-check.js";

/** DNS records by name, such as `{ "s1._domainkey.example.com": "v=DKIM1; p=..." }`: the only ones that are asked. */
export type DkimKeys = Readonly<Record<string, string>>;

const CHECKS: readonly ((message: InboxMessage) => ApiCheck)[] = [
  checkFrom,
  checkDate,
  checkMessageId,
  checkSubject,
  checkBcc,
  checkText,
  checkCidReferences,
  checkRemoteContent,
  checkSize,
  checkLines,
  checkUnsubscribe,
];

const ORDER: Readonly<Record<ApiCheckLevel, number>> = { problem: 0, warning: 1, note: 2, ok: 3 };

/** All findings, the worst first. */
export function checkMessage(message: InboxMessage, dkimKeys: DkimKeys): readonly ApiCheck[] {
  if (message.parseError !== undefined) return [unreadable(message.parseError)];
  const found = [...CHECKS.map((check) => check(message)), ...checkSignatures(message.raw, dkimKeys)];
  return found.sort((left, right) => ORDER[left.level] - ORDER[right.level]);
}

function unreadable(reason: string): ApiCheck {
  return { id: "parse", level: "problem", title: "The content cannot be parsed", detail: reason };
}
