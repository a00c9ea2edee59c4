/**
 * What the HTTP API takes as a reply to a message.
 */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { InboxMessage } from "../message.js";
import { problem } from "./api-problem.js";
import type { ApiReply } from "./api-types.js";
import type { WebContext } from "./web-context.js";

/** A long letter, and what it quotes. */
const MAX_BODY_BYTES = 512 * 1024;

export const replyBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (call) => problem(call, 413, "The reply is too long."),
});

export async function replied(message: InboxMessage, call: Context, { reply }: WebContext): Promise<Response> {
  const body: unknown = await call.req.json().catch(() => undefined);
  if (!isReply(body)) return problem(call, 400, 'The body must be {"text": "..."}, with "from" or without.');
  const outcome = await reply(message, { text: body.text, from: body.from });
  return "id" in outcome
    ? call.json({ id: outcome.id } satisfies ApiReply)
    : problem(call, 409, `There is no reply: ${outcome.refusal}`);
}

function isReply(body: unknown): body is { readonly text: string; readonly from?: string } {
  if (typeof body !== "object" || body === null || !("text" in body) || typeof body.text !== "string") return false;
  return !("from" in body) || typeof body.from === "string";
}
