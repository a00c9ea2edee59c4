/**
 * Accounts for tests: an inbox on this machine, or whatever service the program names.
 *
 * Layer: nodemailer. Loads `@postrider/inbox` on use; it is an optional peer.
 */
import type { Inbox } from "@postrider/inbox";
import { mailError } from "./errors.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import type { Callback } from "./types.js";

interface Endpoint {
  host: string;
  port: number;
  secure: boolean;
}

export interface TestAccount {
  user: string;
  pass: string;
  smtp: Endpoint;
  imap: Endpoint;
  pop3: Endpoint;
  /** The page that shows the messages. */
  web: string;
}

let local: Promise<Inbox> | undefined;
let running: Inbox | undefined;
/** The page of the service that the last account was asked of. */
let remoteWeb: string | undefined;

/**
 * Starts an inbox on this machine, one for the process, and gives its account. With the URL of a service (`https://api.nodemailer.com`)
 * the account is asked of that one.
 */
export function createTestAccount(apiUrl?: string | false | null): Promise<TestAccount>;
export function createTestAccount(callback: Callback<TestAccount>): void;
export function createTestAccount(apiUrl: string | false | null | undefined, callback: Callback<TestAccount>): void;
export function createTestAccount(
  first?: string | false | null | Callback<TestAccount>,
  second?: Callback<TestAccount>,
): Promise<TestAccount> | undefined {
  const callback = typeof first === "function" ? first : second;
  return promiseOrCallback(typeof first === "string" && first !== "" ? askForAccount(first) : localAccount(), callback);
}

async function localAccount(): Promise<TestAccount> {
  local ??= startLocal();
  const { smtpPort, url } = await local;
  const none = { host: "127.0.0.1", port: 0, secure: false };
  return {
    user: "test",
    pass: "test",
    smtp: { host: "127.0.0.1", port: smtpPort, secure: false },
    imap: none,
    pop3: none,
    web: url ?? "",
  };
}

async function startLocal(): Promise<Inbox> {
  const { startInbox } = await import("@postrider/inbox").catch((cause: unknown) => {
    local = undefined;
    throw mailError("ECONFIG", "createTestAccount() needs the package @postrider/inbox, or the URL of a service", {
      cause,
    });
  });
  running = await startInbox({ smtpPort: 0, webPort: 0, auth: "any" });
  return running;
}

async function askForAccount(apiUrl: string): Promise<TestAccount> {
  const answer = await fetch(new URL("/user", apiUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ requestor: "nodemailer", version: "0" }),
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw mailError("EFETCH", `Cannot create a test account at ${new URL(apiUrl).origin}`, { cause });
  });
  const read = (await answer.json()) as Partial<TestAccount> & { error?: string };
  if (read.user === undefined || read.smtp === undefined)
    throw mailError(
      "EFETCH",
      `Cannot create a test account at ${new URL(apiUrl).origin}: ${read.error ?? answer.status}`,
    );
  remoteWeb = read.web;
  return read as TestAccount;
}

/** Where the message can be seen; false when it did not go to an account of `createTestAccount`. */
export function getTestMessageUrl(
  info: { response?: unknown; messageId?: string } | false | null | undefined,
): string | false {
  const response = String((info === false ? undefined : info)?.response ?? "");
  const [, local] = /\bqueued as (\S+)$/.exec(response) ?? [];
  if (local !== undefined && running?.url !== undefined && running.messages.some(({ id }) => id === local)) {
    return new URL(`/messages/${encodeURIComponent(local)}`, running.url).href;
  }
  // Services for tests tell in their reply where the message is.
  const remote = /\[([^\]]+)\]\s*$/.exec(response)?.[1] ?? "";
  const facts = new Map([...remote.matchAll(/\b([A-Z\d]+)=([^\s]+)/g)].map(([, key, value]) => [key, value]));
  const id = facts.get("MSGID");
  if (!facts.has("STATUS") || id === undefined) return false;
  return `${(remoteWeb ?? "https://ethereal.email").replace(/\/$/, "")}/message/${id}`;
}
