/**
 * The checks of a message: what receivers would complain about, found by looking at the message alone.
 */
import type { InboxMessage } from "../message.js";
import { type MimePart, splitMessage } from "../mime/split-message.js";
import type { ApiCheck, ApiCheckLevel } from "../web/api-types.js";
import { checkAlternative } from "./alternative-check.js";
import { checkCidReferences, checkRemoteContent } from "./content-references.js";
import { checkSignatures } from "./dkim/signature-check.js";
import { checkBcc, checkDate, checkFrom, checkMessageId, checkSubject } from "./header-checks.js";
import { checkEncodedWords, checkHeaderBytes } from "./header-encoding-checks.js";
import { checkHtmlSupport } from "./html/support-check.js";
import { checkLinks } from "./link-check.js";
import { checkBase64, checkBodyBytes, checkCharsets, checkMultiparts, checkTransferEncodings } from "./part-checks.js";
import { checkPlaceholders } from "./placeholder-check.js";
import { checkClipping, checkLines, checkSize, checkText } from "./size-checks.js";
import { checkUnsubscribe } from "./unsubscribe-check.js";

/** DNS records by name, such as `{ "s1._domainkey.example.com": "v=DKIM1; p=..." }`: the only ones that are asked. */
export type DkimKeys = Readonly<Record<string, string>>;

/** Undefined where there is nothing to check. */
const CHECKS: readonly ((message: InboxMessage) => ApiCheck | undefined)[] = [
  checkFrom,
  checkDate,
  checkMessageId,
  checkSubject,
  checkBcc,
  checkText,
  checkAlternative,
  checkHtmlSupport,
  checkLinks,
  checkCidReferences,
  checkRemoteContent,
  checkSize,
  checkClipping,
  checkLines,
  checkUnsubscribe,
  checkPlaceholders,
];

const PART_CHECKS: readonly ((parts: readonly MimePart[]) => ApiCheck | Promise<ApiCheck>)[] = [
  checkHeaderBytes,
  checkEncodedWords,
  checkMultiparts,
  checkCharsets,
  checkTransferEncodings,
  checkBodyBytes,
  checkBase64,
];

const ORDER: Readonly<Record<ApiCheckLevel, number>> = { problem: 0, warning: 1, note: 2, ok: 3 };

/** All findings, the worst first. */
export async function checkMessage(message: InboxMessage, dkimKeys: DkimKeys): Promise<readonly ApiCheck[]> {
  if (message.parseError !== undefined) return [unreadable(message.parseError)];
  const parts = await splitMessage(message.raw);
  const found = [
    ...CHECKS.flatMap((check) => check(message) ?? []),
    ...(await Promise.all(PART_CHECKS.map((check) => check(parts)))),
    ...checkSignatures(message.raw, dkimKeys),
  ];
  return found.sort((left, right) => ORDER[left.level] - ORDER[right.level]);
}

/** What a finding costs of a hundred points. */
const COST: Readonly<Record<ApiCheckLevel, number>> = { problem: 20, warning: 5, note: 0, ok: 0 };

export function scoreOf(checks: readonly ApiCheck[]): number {
  return Math.max(
    0,
    checks.reduce((score, { level }) => score - COST[level], 100),
  );
}

/** The one finding of a message that cannot be checked. */
export function unreadable(reason: string): ApiCheck {
  return { id: "parse", level: "problem", title: "The content cannot be parsed", detail: reason };
}
