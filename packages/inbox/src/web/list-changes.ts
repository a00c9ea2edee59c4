/**
 * What the HTTP API does with several messages at once: marks, deletes and brings back, by their ids or by a search.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { MessageStore } from "../store/message-store.js";
import { problem } from "./api-problem.js";
import { parseQuery } from "./query.js";
import { searchFor } from "./search.js";

/** Ten thousand ids have less. */
const MAX_BODY_BYTES = 512 * 1024;

const BODY_RULE =
  'There must be conditions in q, if there is a q. The body must be JSON: {"ids": ["..."]}, and {"read": true} or {"read": false} to mark.';

/** Which messages are meant; all of them when nothing is said. */
interface Chosen {
  readonly ids: readonly string[];
  readonly read: boolean | undefined;
}

/** The methods of `/api/messages` that change. */
export function createListChanges(store: MessageStore): Hono {
  const api = new Hono();
  const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (call) => problem(call, 413, "The body is too long.") });
  // QUIRK: the limit of hono 4 fails on a DELETE without a body.
  const longBody: MiddlewareHandler = (call, next) => (hasBody(call) ? limit(call, next) : next());
  api.patch("/", longBody, async (call) => {
    const chosen = await choose(call, store);
    if (chosen?.read === undefined) return problem(call, 400, BODY_RULE);
    store.markAllRead(chosen.ids, chosen.read);
    return call.body(null, 204);
  });
  api.delete("/", longBody, async (call) => {
    const chosen = await choose(call, store);
    if (chosen === undefined) return problem(call, 400, BODY_RULE);
    store.discard(chosen.ids);
    return call.body(null, 204);
  });
  api.post("/restore", (call) => call.json({ restored: store.restore() }));
  return api;
}

/** Undefined when the body is something else. */
async function choose(call: Context, store: MessageStore): Promise<Chosen | undefined> {
  const text = hasBody(call) ? await call.req.text() : "";
  const body = text === "" ? {} : parsed(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const read = "read" in body && typeof body.read === "boolean" ? body.read : undefined;
  const ids = "ids" in body ? body.ids : undefined;
  if (ids === undefined) {
    const q = call.req.query("q");
    // A search without conditions, such as "to:", would mean all of them.
    if (q !== undefined && parseQuery(q).length === 0) return undefined;
    return { ids: found(store, q ?? ""), read };
  }
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) return undefined;
  return { ids, read };
}

function hasBody({ req }: Context): boolean {
  return (req.header("content-length") ?? "0") !== "0" || req.header("transfer-encoding") !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function found(store: MessageStore, query: string): readonly string[] {
  const fits = searchFor(query);
  const ids = store.messages.map(({ id }) => id);
  if (fits === undefined) return ids;
  return ids.filter((id) => {
    const stored = store.find(id);
    return stored !== undefined && fits(stored);
  });
}
