/**
 * The header section of a part, as lines.
 *
 * Layer: message. RFC 5322 §3.6, RFC 2045 §3.
 */
import { mailboxesOf } from "../address/mailbox.js";
import { parseAddressList } from "../address/parser.js";
import { MessageError } from "../errors.js";
import { type ContentTypeFacts, contentTypeFacts } from "./content-type-facts.js";
import { isTransferEncoding, type TransferEncoding } from "./encoding/transfer-encoding.js";
import { formatField, type HeaderForm } from "./header/field.js";
import type { MessageHeaders } from "./header/headers.js";
import { Memo } from "./memo.js";
import { isEnvelopeOnly } from "./message-needs.js";

export interface HeaderSection {
  /** All but the Content-* fields. */
  readonly lines: string;
  /** The Content-* fields, without Content-Type and Content-Transfer-Encoding. */
  readonly contentLines: string;
  readonly type: ContentTypeFacts | undefined;
  /** The encoding that the headers ask for. */
  readonly encoding: TransferEncoding | undefined;
}

/**
 * Formats the fields in their order. Bcc and Resent-Bcc are left out.
 *
 * @throws MessageError, AddressError when a field cannot be written, or stands twice where one is allowed.
 */
export function writeHeaders(headers: MessageHeaders, form: HeaderForm): HeaderSection {
  let lines = "";
  let contentLines = "";
  let type: ContentTypeFacts | undefined;
  let encoding: TransferEncoding | undefined;
  let seen = 0;
  for (const { name, key, value } of headers.fields) {
    const single = SINGLE_FIELDS.get(key) ?? 0;
    if ((seen & single) !== 0) throw new MessageError(name, "stands more than once; one is allowed (RFC 5322 §3.6)");
    seen |= single;
    if (isEnvelopeOnly(key)) continue;
    if (!key.startsWith("content-")) lines += name === "From" ? fromLine(value, form) : formatField(name, value, form);
    else if (key === "content-type") type = contentTypeFacts(value, name);
    else if (key === "content-transfer-encoding") encoding = readEncoding(value, name);
    else contentLines += formatField(name, value, form);
  }
  if ((seen & AUTHORS) === FROM) checkOneAuthor(headers);
  return { lines, contentLines, type, encoding };
}

/** RFC 5322 §3.6.2: who sent it is clear of one author, else Sender says it. */
function checkOneAuthor(headers: MessageHeaders): void {
  const from = headers.get("From") ?? "";
  // PERF: what separates mailboxes.
  if (!from.includes(",") || mailboxesOf(parseAddressList(from, "From")).length < 2) return;
  throw new MessageError("From", "names several mailboxes, so that sender must be given too (RFC 5322 §3.6.2)");
}

// PERF: a name beyond ASCII costs 4 µs to read and to encode, and most programs send from one address.
const fromLines: { readonly [form in HeaderForm]: Memo<string> } = { ascii: new Memo(), utf8: new Memo() };

function fromLine(value: string, form: HeaderForm): string {
  return fromLines[form].get(value) ?? fromLines[form].keep(value, formatField("From", value, form));
}

// SECURITY: of two From or Subject fields one reader shows the first and another the last.
const SINGLE_FIELDS: ReadonlyMap<string, number> = new Map(
  [
    "date",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "message-id",
    "in-reply-to",
    "references",
    "subject",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-id",
    "content-disposition",
    "content-description",
  ].map((name, index) => [name, 1 << index]),
);

const FROM = SINGLE_FIELDS.get("from") ?? 0;
const AUTHORS = FROM | (SINGLE_FIELDS.get("sender") ?? 0);

function readEncoding(value: string, name: string): TransferEncoding {
  const encoding = value.trim().toLowerCase();
  if (isTransferEncoding(encoding)) return encoding;
  throw new MessageError(name, `must be 7bit, 8bit, quoted-printable or base64, not ${JSON.stringify(value)}`);
}
