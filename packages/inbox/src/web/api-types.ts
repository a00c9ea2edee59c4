/**
 * What the HTTP API says, as JSON. The page is written against these types, and openapi.ts describes the same.
 */

/** How to send to this inbox. */
export interface ApiInbox {
  readonly host: string;
  readonly smtpPort: number;
  readonly protocol: "smtp" | "lmtp";
  readonly tls: "none" | "starttls" | "implicit";
  /** `"required"`: one pair of credentials; `"any"`: whatever comes. */
  readonly auth: "none" | "any" | "required";
  /** Whether the page has a tab of an outbox. */
  readonly outbox?: boolean | undefined;
  /** Only with a password: any user name will do. */
  readonly anyUser?: boolean | undefined;
  /** The one address that messages can be released to; absent when none leaves. */
  readonly releaseTo?: string | undefined;
  /** What the webhook has heard; absent without one. */
  readonly webhook?: ApiWebhook | undefined;
}

export interface ApiWebhook {
  readonly url: string;
  readonly delivered: number;
  readonly failed: number;
  /** Of the last failure. */
  readonly error?: string | undefined;
}

export interface ApiAddress {
  readonly name: string;
  readonly address: string;
}

/** One line of the list. What is absent in the message is absent here. */
export interface ApiSummary {
  readonly id: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly read: boolean;
  readonly envelope: { readonly sender: string; readonly recipients: readonly string[] };
  readonly from?: ApiAddress | undefined;
  readonly to: readonly ApiAddress[];
  readonly cc: readonly ApiAddress[];
  /** Who got a blind copy: recipients of the envelope that neither To nor Cc names. */
  readonly bcc: readonly string[];
  readonly subject?: string | undefined;
  /** The beginning of the text, on one line. */
  readonly snippet: string;
  /** Bytes of the whole message. */
  readonly size: number;
  /** How many. */
  readonly attachments: number;
  /** From header fields such as X-Tags; at most ten. */
  readonly tags: readonly string[];
  readonly secure: boolean;
  readonly username?: string | undefined;
  readonly parseError?: string | undefined;
}

export interface ApiAttachment {
  readonly filename?: string | undefined;
  readonly contentType: string;
  readonly contentId?: string | undefined;
  readonly disposition?: string | undefined;
  /** Decoded bytes. */
  readonly size: number;
  readonly url: string;
}

/** One address that the reader can follow. */
export interface ApiLink {
  readonly url: string;
  /** The words of the link; empty for an address in the text. */
  readonly label: string;
  /** `"action"`: the link that the message was sent for, such as one that confirms an address; at most one has it. */
  readonly kind?: "action" | "unsubscribe" | undefined;
}

/** All of a message but its bytes, which are at `raw` and at the `url` of each attachment. */
export interface ApiMessage extends Omit<ApiSummary, "attachments"> {
  readonly messageId?: string | undefined;
  /** The Date header, ISO 8601. */
  readonly date?: string | undefined;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly ApiAttachment[];
  /** Addresses that the HTML would fetch from elsewhere when it is read, at most 200. */
  readonly remote: readonly string[];
  /** Those of `remote` that the page loads when it is asked to: pictures, fonts, audio and video. */
  readonly loadable: readonly string[];
  /** Each address once, at most 500. */
  readonly links: readonly ApiLink[];
  /** A code that the message tells, such as `"482913"`. */
  readonly code?: string | undefined;
  readonly raw: string;
}

export interface ApiList {
  /** Messages in the inbox. */
  readonly total: number;
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

export interface ApiCheck {
  /** Such as `"date"`; the same for the same check of every message. */
  readonly id: string;
  readonly level: ApiCheckLevel;
  readonly title: string;
  readonly detail: string;
  /** What was found, one by one, where there are several. */
  readonly list?: readonly ApiCheckItem[] | undefined;
}

export interface ApiCheckItem {
  /** Such as `"display: flex"`. */
  readonly text: string;
  readonly detail: string;
  /** Where more is said about it. */
  readonly url?: string | undefined;
}

export interface ApiChecks {
  /** Worst first. */
  readonly checks: readonly ApiCheck[];
  /** 100 less 20 for each problem and 5 for each warning; never below 0. */
  readonly score: number;
}

/** Mail of one recipient of the envelope, or of one user that logged in. */
export interface ApiBox {
  readonly name: string;
  readonly total: number;
  readonly unread: number;
}

/** The boxes that the mail of this inbox falls into, those with the newest mail first; at most 200 of a kind. */
export interface ApiBoxes {
  readonly recipients: readonly ApiBox[];
  readonly users: readonly ApiBox[];
}

export interface ApiCounts {
  readonly total: number;
  readonly unread: number;
}

/** What `/api/events` sends, by the name of the event. */
export interface ApiEvents {
  /** The stream is open. */
  readonly hello: ApiCounts;
  readonly added: ApiCounts & { readonly message: ApiSummary };
  readonly removed: ApiCounts & { readonly ids: readonly string[] };
  readonly read: ApiCounts & { readonly id: string; readonly read: boolean };
  /** Too much has happened to tell: ask for the list again. */
  readonly resync: ApiCounts;
}
