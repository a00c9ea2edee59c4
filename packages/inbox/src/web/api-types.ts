/**
 * What the HTTP API says, as JSON. The page is written against these types, and openapi.ts describes the same.
 */

/** How to send to this inbox. */
export interface ApiInbox {
  /** The address that it listens on. */
  readonly host: string;
  /** The port that takes mail. */
  readonly smtpPort: number;
  /** The port that mail is read from by POP3; absent without it. */
  readonly pop3Port?: number | undefined;
  /** What it speaks. */
  readonly protocol: "smtp" | "lmtp";
  /** How TLS begins. */
  readonly tls: "none" | "starttls" | "implicit";
  /** `"required"`: one pair of credentials; `"any"`: whatever comes. */
  readonly auth: "none" | "any" | "required";
  /** Whether the page has a tab of an outbox. */
  readonly outbox?: boolean | undefined;
  /** Only with a password: any user name will do. */
  readonly anyUser?: boolean | undefined;
  /** The one address that messages can be released to; absent when none leaves. */
  readonly releaseTo?: string | undefined;
  /** Which spam filter is asked; absent when none is. */
  readonly spamFilter?: "rspamd" | "spamassassin" | undefined;
  /** What the webhook has heard; absent without one. */
  readonly webhook?: ApiWebhook | undefined;
}

/** What became of the calls of the webhook. */
export interface ApiWebhook {
  /** The address that is called. */
  readonly url: string;
  /** Calls that were answered with a success. */
  readonly delivered: number;
  /** Calls that were not. */
  readonly failed: number;
  /** Of the last failure. */
  readonly error?: string | undefined;
}

/** One address of a header field. */
export interface ApiAddress {
  /** The display name; empty without one. */
  readonly name: string;
  /** The address. */
  readonly address: string;
}

/** One line of the list. What is absent in the message is absent here. */
export interface ApiSummary {
  /** Its id, for `/api/messages/:id`. */
  readonly id: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** Whether somebody has opened it. */
  readonly read: boolean;
  /** What MAIL FROM and RCPT TO said. */
  readonly envelope: {
    /** The address of MAIL FROM; empty for the null sender. */
    readonly sender: string;
    /** The addresses of RCPT TO, in their order. */
    readonly recipients: readonly string[];
  };
  /** The first address of From. */
  readonly from?: ApiAddress | undefined;
  /** The addresses of To. */
  readonly to: readonly ApiAddress[];
  /** The addresses of Cc. */
  readonly cc: readonly ApiAddress[];
  /** Who got a blind copy: recipients of the envelope that neither To nor Cc names. */
  readonly bcc: readonly string[];
  /** The Subject, decoded. */
  readonly subject?: string | undefined;
  /** The beginning of the text, on one line. */
  readonly snippet: string;
  /** Bytes of the whole message. */
  readonly size: number;
  /** How many. */
  readonly attachments: number;
  /** From header fields such as X-Tags; at most ten. */
  readonly tags: readonly string[];
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Who was logged in. */
  readonly username?: string | undefined;
  /** Why its content could not be parsed. */
  readonly parseError?: string | undefined;
}

/** One attachment, without its bytes. */
export interface ApiAttachment {
  /** The file name, decoded. */
  readonly filename?: string | undefined;
  /** Such as `"application/pdf"`. */
  readonly contentType: string;
  /** Without angle brackets. */
  readonly contentId?: string | undefined;
  /** `"attachment"` or `"inline"`, when it says so. */
  readonly disposition?: string | undefined;
  /** Decoded bytes. */
  readonly size: number;
  /** Where its bytes are, from the root of the inbox. */
  readonly url: string;
}

/** One address that the reader can follow. */
export interface ApiLink {
  /** The address, as in the message. */
  readonly url: string;
  /** The words of the link; empty for an address in the text. */
  readonly label: string;
  /** `"action"`: the link that the message was sent for, such as one that confirms an address; at most one has it. */
  readonly kind?: "action" | "unsubscribe" | undefined;
}

/** All of a message but its bytes, which are at `raw` and at the `url` of each attachment. */
export interface ApiMessage extends Omit<ApiSummary, "attachments"> {
  /** With angle brackets. */
  readonly messageId?: string | undefined;
  /** The Date header, ISO 8601. */
  readonly date?: string | undefined;
  /** Every field, in the order of the message. */
  readonly headers: readonly {
    /** The name, as it was written. */
    readonly name: string;
    /** The value, unfolded and decoded. */
    readonly value: string;
  }[];
  /** The first text that is no file. */
  readonly text?: string | undefined;
  /** The first HTML that is no file. */
  readonly html?: string | undefined;
  /** Without their bytes. */
  readonly attachments: readonly ApiAttachment[];
  /** Addresses that the HTML would fetch from elsewhere when it is read, at most 200. */
  readonly remote: readonly string[];
  /** Those of `remote` that the page loads when it is asked to: pictures, fonts, audio and video. */
  readonly loadable: readonly string[];
  /** Each address once, at most 500. */
  readonly links: readonly ApiLink[];
  /** A code that the message tells, such as `"482913"`. */
  readonly code?: string | undefined;
  /** Where its bytes are, from the root of the inbox. */
  readonly raw: string;
}

/** One page of the list. */
export interface ApiList {
  /** Messages in the inbox. */
  readonly total: number;
  /** Messages that nobody has opened. */
  readonly unread: number;
  /** Messages that fit the search; all of them without one. */
  readonly matches: number;
  /** Newest first. */
  readonly messages: readonly ApiSummary[];
  /** To be given as `before` for the next page; absent on the last. */
  readonly next?: string | undefined;
}

/** How much a finding matters: `"problem"`: receivers refuse or distrust it; `"warning"`: some do; `"note"`: good to know. */
export type ApiCheckLevel = "problem" | "warning" | "note" | "ok";

/** One finding of the checks. */
export interface ApiCheck {
  /** Such as `"date"`; the same for the same check of every message. */
  readonly id: string;
  /** How much it matters. */
  readonly level: ApiCheckLevel;
  /** In a few words. */
  readonly title: string;
  /** What was found, and what to do. */
  readonly detail: string;
  /** What was found, one by one, where there are several. */
  readonly list?: readonly ApiCheckItem[] | undefined;
}

/** One place of a finding. */
export interface ApiCheckItem {
  /** Such as `"display: flex"`. */
  readonly text: string;
  /** What was found there. */
  readonly detail: string;
  /** Where more is said about it. */
  readonly url?: string | undefined;
}

/** The findings for one message. */
export interface ApiChecks {
  /** Worst first. */
  readonly checks: readonly ApiCheck[];
  /** 100 less 20 for each problem and 5 for each warning; never below 0. */
  readonly score: number;
}

/** What became of the request of one link. */
export interface ApiLinkAnswer {
  /** The address, as in the message. */
  readonly url: string;
  /** `"failed"`: nobody answered; `"not-requested"`: it may unsubscribe, or the inbox requests no such address. */
  readonly outcome: "answered" | "failed" | "not-requested";
  /** `"ok"`: 2xx; `"note"`: a redirect, or not requested; `"warning"`: refused to a program (401, 403, 405, 429); `"problem"`: the rest. */
  readonly level: ApiCheckLevel;
  /** The status of the answer. */
  readonly status?: number | undefined;
  /** Where a redirect leads, which was not followed. */
  readonly location?: string | undefined;
  /** Why there is no answer. */
  readonly reason?: string | undefined;
}

/** What became of the requests of all links. */
export interface ApiLinkAnswers {
  /** Each web link once, in the order of the message. */
  readonly answers: readonly ApiLinkAnswer[];
}

/** The reply to a message, which has arrived. */
export interface ApiReply {
  /** Its id, for `/api/messages/:id`. */
  readonly id: string;
}

/** What the spam filter makes of one message. */
export interface ApiSpam {
  /** Who says so. */
  readonly filter: "rspamd" | "spamassassin";
  /** Whether it is marked or refused as spam. */
  readonly isSpam: boolean;
  /** Points, the sum of those of the rules; the more, the more it is like spam. */
  readonly score: number;
  /** Points from which SpamAssassin calls it spam, or Rspamd refuses it; absent where Rspamd refuses nothing. */
  readonly threshold?: number | undefined;
  /** What Rspamd would have a server do, such as `"no action"`, `"add header"` or `"reject"`; SpamAssassin has none. */
  readonly action?: string | undefined;
  /** Rules that fit: those against the message first, then those for it, then those without points. */
  readonly rules: readonly ApiSpamRule[];
}

/** One rule of the spam filter that fits the message. */
export interface ApiSpamRule {
  /** Such as `"MISSING_DATE"`. */
  readonly name: string;
  /** Negative points speak for the message. */
  readonly points: number;
  /** In the words of the filter; empty where it has none. */
  readonly description: string;
}

/** Mail of one recipient of the envelope, or of one user that logged in. */
export interface ApiBox {
  /** The address or the user name. */
  readonly name: string;
  /** Its messages. */
  readonly total: number;
  /** Those that nobody has opened. */
  readonly unread: number;
}

/** The boxes that the mail of this inbox falls into, those with the newest mail first; at most 200 of a kind. */
export interface ApiBoxes {
  /** By recipient of the envelope. */
  readonly recipients: readonly ApiBox[];
  /** By user of SMTP AUTH. */
  readonly users: readonly ApiBox[];
}

/** How many messages there are. */
export interface ApiCounts {
  /** All messages. */
  readonly total: number;
  /** Messages that nobody has opened. */
  readonly unread: number;
}

/** What `/api/events` sends, by the name of the event. */
export interface ApiEvents {
  /** The stream is open. */
  readonly hello: ApiCounts;
  /** A message has arrived. */
  readonly added: ApiCounts & {
    /** Its line of the list. */
    readonly message: ApiSummary;
  };
  /** Messages are gone. */
  readonly removed: ApiCounts & {
    /** Their ids. */
    readonly ids: readonly string[];
  };
  /** A message was opened, or marked. */
  readonly read: ApiCounts & {
    /** Its id. */
    readonly id: string;
    /** Whether it counts as read now. */
    readonly read: boolean;
  };
  /** Too much has happened to tell: ask for the list again. */
  readonly resync: ApiCounts;
}
