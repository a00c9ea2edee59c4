/**
 * What the HTTP API does with one message: shows it, hands out its bytes, checks it, marks it, deletes it.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { checkMessage } from "../checks/check.js";
import type { InboxMessage } from "../message.js";
import type { StoredMessage } from "../store/message-store.js";
import { problem } from "./api-problem.js";
import { messageDetails } from "./message-json.js";
import { downloadHeaders } from "./response-headers.js";
import type { WebContext } from "./web-context.js";

export const NO_MESSAGE = "There is no such message: it was deleted, or made room for newer ones.";
const EML = ".eml";

type Handler = (call: Context) => Response | Promise<Response>;

// What is sent here is {"read":true} and nothing longer.
const shortBody = bodyLimit({ maxSize: 1024, onError: (call) => problem(call, 413, "The body is too long.") });

/** All below `/api/messages/`. */
export function createMessageApi({ store, dkimKeys }: WebContext): Hono {
  const api = new Hono();
  const stored =
    (answer: (found: StoredMessage, call: Context) => Response | Promise<Response>): Handler =>
    (call) => {
      const found = store.find((call.req.param("id") ?? "").replace(/\.eml$/, ""));
      return found === undefined ? problem(call, 404, NO_MESSAGE) : answer(found, call);
    };
  api.get(`/:id{[^/]+\\${EML}}`, stored(source));
  api.get(
    "/:id",
    stored(({ message, read }, call) => call.json(messageDetails(message, read))),
  );
  api.get(
    "/:id/checks",
    stored(({ message }, call) => call.json({ checks: checkMessage(message, dkimKeys) })),
  );
  api.get("/:id/attachments/:index{\\d{1,6}}", stored(attachment));
  api.patch(
    "/:id",
    shortBody,
    stored(async ({ message }, call) => {
      const read = await readFlag(call);
      if (read === undefined) return problem(call, 400, 'The body must be {"read": true} or {"read": false}.');
      store.markRead(message.id, read);
      return call.body(null, 204);
    }),
  );
  api.delete(
    "/:id",
    stored(({ message }, call) => {
      store.remove([message.id]);
      return call.body(null, 204);
    }),
  );
  return api;
}

function source({ message }: StoredMessage, call: Context): Response {
  return call.body(bytes(message.raw), 200, downloadHeaders("message/rfc822", `${message.id}${EML}`));
}

function attachment({ message }: { readonly message: InboxMessage }, call: Context): Response {
  const found = message.attachments[Number(call.req.param("index"))];
  if (found === undefined) return problem(call, 404, "The message has no such attachment.");
  // SECURITY: the type is the sender's word; as octet-stream no browser shows it.
  return call.body(
    bytes(found.content),
    200,
    downloadHeaders("application/octet-stream", found.filename ?? "attachment"),
  );
}

async function readFlag(call: Context): Promise<boolean | undefined> {
  const body: unknown = await call.req.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("read" in body)) return undefined;
  return typeof body.read === "boolean" ? body.read : undefined;
}

/** Hono's types ask for memory that is surely not shared; that of a message is not. */
function bytes(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return content.buffer instanceof ArrayBuffer
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : Uint8Array.from(content);
}
