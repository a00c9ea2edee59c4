/**
 * The tab of the outbox, for its page: messages, what can be done with them, and where they arrived in this inbox.
 *
 * Its addresses are the page's own, and no part of the API: programs have the outbox itself.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import PostalMime from "postal-mime";
import type { MessageStore } from "../store/message-store.js";
import { problem } from "../web/api-problem.js";
import type { InboxOutbox, OutboxItem } from "./outbox-view.js";

/** Messages of the list, newest first. */
const LIST_LENGTH = 200;
/** The header is looked for in so many bytes. */
const HEADER_BYTES = 16_384;
/** Subjects that are remembered: content never changes. */
const MAX_SUBJECTS = 2000;

const shortBody = bodyLimit({ maxSize: 1024, onError: (call) => problem(call, 413, "The body is too long.") });

/** All of `/outbox/api`. */
export function createOutboxSide(outbox: InboxOutbox, store: MessageStore): Hono {
  const subjects = new Map<string, string>();
  const side = new Hono();
  side.get("/messages", async (call) => {
    const { state, recipient } = call.req.query();
    const found: OutboxItem[] = [];
    for await (const message of outbox.find({ state, recipient, order: "newest" })) {
      found.push(message);
      if (found.length > LIST_LENGTH) break;
    }
    const shown = found.slice(0, LIST_LENGTH);
    const messages = await Promise.all(
      shown.map(async (message) => ({ ...message, subject: await subjectOf(outbox, message.id, subjects) })),
    );
    return call.json({ stats: await outbox.stats(), messages, isMore: found.length > LIST_LENGTH });
  });
  side.get("/messages/:id", async (call) => {
    const message = await outbox.get(call.req.param("id"));
    if (message === undefined) return problem(call, 404, "The outbox has no such message.");
    const [events, subject] = await Promise.all([outbox.history(message.id), subjectOf(outbox, message.id, subjects)]);
    return call.json({ message: { ...message, subject }, events, arrived: arrivalsOf(message, store) });
  });
  side.patch("/messages/:id", shortBody, async (call) => {
    const { action, recipient } = await bodyOf(call);
    const id = call.req.param("id");
    if (action === "retry") await outbox.retry(id);
    else if (action === "resend" || action === "sent") await outbox.resolve(id, action, recipient);
    else if (action !== "cancel") return problem(call, 400, "action must be retry, cancel, resend or sent.");
    else if (!(await outbox.cancel(id)))
      return problem(call, 400, "Too late: the message is being sent or already has its outcome.");
    return call.body(null, 204);
  });
  side.patch("/", shortBody, async (call) => {
    const { action } = await bodyOf(call);
    if (action === "pause") await outbox.pause("by the page of the inbox");
    else if (action === "resume") await outbox.resume();
    else return problem(call, 400, "action must be pause or resume.");
    return call.body(null, 204);
  });
  side.onError((error, call) => {
    const code = "code" in error ? error.code : undefined;
    const isInput = ["option", "address", "not-found", "wrong-state"].includes(String(code));
    return problem(call, isInput ? 400 : 500, error.message);
  });
  return side;
}

async function subjectOf(outbox: InboxOutbox, id: string, known: Map<string, string>): Promise<string | undefined> {
  const before = known.get(id);
  if (before !== undefined) return before;
  try {
    for await (const bytes of outbox.content(id, { length: HEADER_BYTES })) {
      // Parsed without its body, however the beginning was cut.
      const text = Buffer.from(bytes).toString("latin1");
      const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
      const { subject = "" } = await PostalMime.parse(Buffer.from(text.slice(0, end), "latin1"));
      const [oldest] = known.keys();
      if (known.size >= MAX_SUBJECTS && oldest !== undefined) known.delete(oldest);
      known.set(id, subject);
      return subject;
    }
  } catch (error) {
    // Purged.
    if (!(error instanceof Error && "code" in error && error.code === "wrong-state")) throw error;
  }
  return undefined;
}

/** Messages of this inbox with the same Message-ID. */
function arrivalsOf({ messageId }: OutboxItem, store: MessageStore): object[] {
  if (messageId === "") return [];
  return store.messages
    .filter((message) => message.messageId === messageId)
    .map(({ id, receivedAt, envelope }) => ({ id, receivedAt, recipients: envelope.recipients }));
}

async function bodyOf(call: Context): Promise<{ readonly action?: string; readonly recipient?: string | undefined }> {
  const body: unknown = await call.req.json().catch(() => undefined);
  if (typeof body !== "object" || body === null) return {};
  const { action, recipient } = body as Record<string, unknown>;
  return {
    ...(typeof action === "string" ? { action } : {}),
    ...(typeof recipient === "string" ? { recipient } : {}),
  };
}
