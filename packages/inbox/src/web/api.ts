/**
 * The HTTP API: messages as JSON and as files, deletion, what was read, and events as they happen.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { checkMessage } from "../checks/check.js";
import type { StoredMessage } from "../store/message-store.js";
import { EventFeed } from "./event-feed.js";
import { messageDetails } from "./message-json.js";
import { DEFAULT_LIMIT, MAX_LIMIT, messagePage } from "./message-page.js";
import { OPENAPI } from "./openapi.js";
import { downloadHeaders } from "./response-headers.js";
import type { WebContext } from "./web-context.js";

/** What is sent here is `{"read":true}` and nothing longer. */
const MAX_BODY_BYTES = 1024;
const NO_MESSAGE = "There is no such message: it was deleted, or made room for newer ones.";

/** All of `/api`. */
export function createApi({ store, inbox, dkimKeys }: WebContext): Hono {
  const api = new Hono();
  const shortBody = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (context) => problem(context, 413, "The body is too long."),
  });
  const withMessage =
    (show: (stored: StoredMessage, context: Context) => Response | Promise<Response>) =>
    (context: Context): Response | Promise<Response> => {
      const stored = store.find(context.req.param("id") ?? "");
      return stored === undefined ? problem(context, 404, NO_MESSAGE) : show(stored, context);
    };

  api.get("/openapi.json", (context) => context.json(OPENAPI));
  api.get("/inbox", (context) => context.json(inbox));
  api.get("/events", (context) => {
    const feed = new EventFeed(store);
    return streamSSE(context, async (stream) => {
      stream.onAbort(() => feed.close());
      for await (const event of feed.events()) await stream.writeSSE(event);
    });
  });
  api.get("/messages", (context) => {
    const limit = limitOf(context.req.query("limit"));
    if (limit === undefined) return problem(context, 400, `limit: must be an integer from 1 to ${MAX_LIMIT}`);
    const { q = "", before } = context.req.query();
    const page = messagePage(store, { query: q, before, limit });
    return page === undefined ? problem(context, 404, `before: ${NO_MESSAGE}`) : context.json(page);
  });
  api.delete("/messages", (context) => {
    store.clear();
    return context.body(null, 204);
  });
  api.get("/messages/:id{[^/]+\\.eml}", (context) => {
    const stored = store.find(context.req.param("id").slice(0, -".eml".length));
    if (stored === undefined) return problem(context, 404, NO_MESSAGE);
    const { id, raw } = stored.message;
    return context.body(bytes(raw), 200, downloadHeaders("message/rfc822", `${id}.eml`));
  });
  api.get(
    "/messages/:id",
    withMessage(({ message, read }, context) => context.json(messageDetails(message, read))),
  );
  api.get(
    "/messages/:id/checks",
    withMessage(({ message }, context) => context.json({ checks: checkMessage(message, dkimKeys) })),
  );
  api.delete(
    "/messages/:id",
    withMessage(({ message }, context) => {
      store.remove([message.id]);
      return context.body(null, 204);
    }),
  );
  api.patch(
    "/messages/:id",
    shortBody,
    withMessage(async ({ message }, context) => {
      const read = await readFlag(context);
      if (read === undefined) return problem(context, 400, 'The body must be {"read": true} or {"read": false}.');
      store.markRead(message.id, read);
      return context.body(null, 204);
    }),
  );
  api.get(
    "/messages/:id/attachments/:index{\\d{1,6}}",
    withMessage(({ message }, context) => {
      const found = message.attachments[Number(context.req.param("index"))];
      if (found === undefined) return problem(context, 404, "The message has no such attachment.");
      // SECURITY: the type is the sender's word; as octet-stream no browser shows it.
      const headers = downloadHeaders("application/octet-stream", found.filename ?? "attachment");
      return context.body(bytes(found.content), 200, headers);
    }),
  );
  return api;
}

/** A failure in words, as JSON. */
export function problem(context: Context, status: 400 | 404 | 405 | 413 | 500, error: string): Response {
  return context.json({ error }, status);
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined;
}

async function readFlag(context: Context): Promise<boolean | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("read" in body)) return undefined;
  return typeof body.read === "boolean" ? body.read : undefined;
}

/** Hono's types ask for memory that is surely not shared; that of a message is not. */
function bytes(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return content.buffer instanceof ArrayBuffer
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : Uint8Array.from(content);
}
