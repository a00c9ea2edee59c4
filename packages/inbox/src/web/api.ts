/**
 * The HTTP API: the list, events as they happen, and facts about the inbox. What is asked of one message is message-api.ts.
 */
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { MessageStore } from "../store/message-store.js";
import { problem } from "./api-problem.js";
import { boxesOf } from "./boxes.js";
import { EventFeed } from "./event-feed.js";
import { createListChanges } from "./list-changes.js";
import { createMessageApi, NO_MESSAGE } from "./message-api.js";
import { DEFAULT_LIMIT, MAX_LIMIT, messagePage } from "./message-page.js";
import { OPENAPI } from "./openapi.js";
import type { WebContext } from "./web-context.js";

/** All of `/api`. */
export function createApi(context: WebContext): Hono {
  const { store, inbox } = context;
  const api = new Hono();
  api.get("/openapi.json", (call) => call.json(OPENAPI));
  api.get("/inbox", (call) => call.json(inbox()));
  api.get("/events", (call) => events(call, store));
  api.get("/boxes", (call) => call.json(boxesOf(store)));
  api.get("/messages", (call) => list(call, store));
  api.route("/messages", createListChanges(store));
  api.route("/messages", createMessageApi(context));
  return api;
}

function events(call: Context, store: MessageStore): Response {
  const feed = new EventFeed(store);
  return streamSSE(call, async (stream) => {
    stream.onAbort(() => feed.close());
    for await (const event of feed.events()) await stream.writeSSE(event);
  });
}

function list(call: Context, store: MessageStore): Response {
  const limit = limitOf(call.req.query("limit"));
  if (limit === undefined) return problem(call, 400, `limit: must be an integer from 1 to ${MAX_LIMIT}`);
  const { q = "", before } = call.req.query();
  const page = messagePage(store, { query: q, before, limit });
  return page === undefined ? problem(call, 404, `before: ${NO_MESSAGE}`) : call.json(page);
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined;
}
