/**
 * An inbox with mail in it, and questions to its web side.
 */
import { request } from "node:http";
import { type Inbox, startInbox } from "../../src/inbox.js";
import type { InboxOptions } from "../../src/options.js";
import { Dialogue } from "./dialogue.js";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export async function withMail(...contents: readonly string[]): Promise<Inbox> {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  await deliver(inbox, ...contents);
  return inbox;
}

/** Sends messages from sender@example.com to you@example.com. */
export async function deliver(inbox: Inbox, ...contents: readonly string[]): Promise<void> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (const content of contents) await client.deliver(content, "sender@example.com", ["you@example.com"]);
  client.destroy();
}

export const QUIET: InboxOptions = { smtpPort: 0, webPort: false };

/** Asks the web side with exactly these headers, which fetch() would not let through. */
export function ask(inbox: Inbox, path: string, { body, headers, ...options }: Question = {}): Promise<Answer> {
  // QUIRK: Node sends the body of a DELETE without its length.
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const where = { host: "127.0.0.1", port: inbox.webPort, path, agent: false };
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, ...options, headers: { ...length, ...headers } }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
