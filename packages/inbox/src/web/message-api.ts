/**
 * What the HTTP API does with one message: shows it, hands out its bytes, checks it, marks it, deletes it.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { scoreOf, unreadable } from "../checks/check.js";
import type { InboxMessage } from "../message.js";
import { SpamFilterError } from "../spam/answer.js";
import type { StoredMessage } from "../store/message-store.js";
import { plain } from "../work/tasks.js";
import { WorkError } from "../work/workshop.js";
import { problem } from "./api-problem.js";
import type { ApiChecks, ApiLinkAnswers, ApiMessage } from "./api-types.js";
import { viewHeaders } from "./attachment-view.js";
import { LinkRequests } from "./link-requests.js";
import { replied, replyBody } from "./reply-api.js";
import { downloadHeaders } from "./response-headers.js";
import { waitForMessage } from "./wait.js";
import type { WebContext } from "./web-context.js";

export const NO_MESSAGE = "There is no such message: it was deleted, or made room for newer ones.";
const EML = ".eml";
/** Of attachments without a file name, so that a double click opens them; no type that a browser would run. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "message/rfc822": EML,
  "text/plain": ".txt",
  "text/calendar": ".ics",
  "text/csv": ".csv",
};

type Handler = (call: Context) => Response | Promise<Response>;

// What is sent here is {"read":true} and nothing longer.
const shortBody = bodyLimit({ maxSize: 1024, onError: (call) => problem(call, 413, "The body is too long.") });

/** All below `/api/messages/`. */
export function createMessageApi(context: WebContext): Hono {
  const { store, finder } = context;
  const api = new Hono();
  const linkRequests = new LinkRequests(context.mayReach);
  const stored =
    (answer: (found: StoredMessage, call: Context) => Response | Promise<Response>): Handler =>
    async (call) => {
      const found = await finder.find((call.req.param("id") ?? "").replace(/\.eml$/, ""));
      return found === undefined ? problem(call, 404, NO_MESSAGE) : answer(found, call);
    };
  api.get("/wait", async (call) => {
    const found = await waitForMessage(call, context);
    return found instanceof Response ? found : details({ message: found, read: store.isRead(found.id) }, call, context);
  });
  api.get(`/:id{[^/]+\\${EML}}`, stored(source));
  api.get(
    "/:id",
    stored((found, call) => details(found, call, context)),
  );
  api.get(
    "/:id/checks",
    stored(async ({ message }, call) => call.json(await checksOf(message, context))),
  );
  api.get(
    "/:id/spam",
    stored(({ message }, call) => spamOf(message, call, context)),
  );
  api.get("/:id/attachments/:index{\\d{1,6}}", stored(attachment));
  api.get("/:id/attachments/:index{\\d{1,6}}/view", stored(viewedAttachment));
  api.post(
    "/:id/release",
    stored(({ message }, call) => released(message, call, context)),
  );
  api.post(
    "/:id/reply",
    replyBody,
    stored(({ message }, call) => replied(message, call, context)),
  );
  api.post(
    "/:id/request-links",
    stored(({ message }, call) => requestedLinks(message, call, { context, linkRequests })),
  );
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
      store.discard([message.id]);
      return call.body(null, 204);
    }),
  );
  return api;
}

/** As JSON; also what a message within a message is. */
async function details(
  { message, read }: Pick<StoredMessage, "message" | "read">,
  call: Context,
  { workshop }: WebContext,
): Promise<Response> {
  const json = await workshop.run("details", { message: plain(message), read }, message.size);
  return call.body(bytes(json), 200, { "Content-Type": "application/json" });
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
    downloadHeaders("application/octet-stream", found.filename ?? `attachment${EXTENSIONS[found.contentType] ?? ""}`),
  );
}

function viewedAttachment(stored: StoredMessage, call: Context): Response {
  const found = stored.message.attachments[Number(call.req.param("index"))];
  const headers = found === undefined ? undefined : viewHeaders(found);
  if (found === undefined || headers === undefined) return attachment(stored, call);
  return call.body(bytes(found.content), 200, headers);
}

async function released(message: InboxMessage, call: Context, { release }: WebContext): Promise<Response> {
  if (release === undefined)
    return problem(call, 409, "No message leaves this inbox: it was started without a release address.");
  try {
    return call.json({ reply: await release(message) });
  } catch (error) {
    return problem(call, 502, `Not released: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface LinkParts {
  readonly context: WebContext;
  readonly linkRequests: LinkRequests;
}

async function requestedLinks(
  message: InboxMessage,
  call: Context,
  { context: { workshop }, linkRequests }: LinkParts,
): Promise<Response> {
  const json = await workshop.run("details", { message: plain(message), read: true }, message.size);
  const { links } = JSON.parse(Buffer.from(json).toString()) as ApiMessage;
  // A reader who leaves does not wait for the answers.
  const answers = await linkRequests.request(links, message.headers, call.req.raw.signal);
  if (answers === undefined) return problem(call, 409, "The links of a message are being requested already.");
  return call.json({ answers } satisfies ApiLinkAnswers);
}

async function checksOf(message: InboxMessage, { workshop, dkimKeys }: WebContext): Promise<ApiChecks> {
  try {
    const checks = await workshop.run("checks", { message: plain(message), dkimKeys }, message.size);
    return { checks, score: scoreOf(checks) };
  } catch (error) {
    if (!(error instanceof WorkError)) throw error;
    const checks = [unreadable(error.message)];
    return { checks, score: scoreOf(checks) };
  }
}

async function spamOf(message: InboxMessage, call: Context, { spamFilter }: WebContext): Promise<Response> {
  if (spamFilter === undefined)
    return problem(call, 409, "There is no spam filter to ask: the inbox was started without one.");
  try {
    return call.json(await spamFilter.check(message, call.req.raw.signal));
  } catch (error) {
    if (!(error instanceof SpamFilterError)) throw error;
    return problem(call, 502, error.message);
  }
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
