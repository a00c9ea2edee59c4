/**
 * The table of what the web side answers.
 */
import type { InboxMessage } from "../message.js";
import type { MessageStore } from "../message-store.js";
import { messageDetails, messageSummary } from "./api.js";
import { listPage } from "./list-page.js";
import { frameContent } from "./message-html.js";
import { messagePage } from "./message-page.js";
import { download, foreignHtml, json, page, seeOther, styleSheet, text, type WebResponse } from "./response.js";
import { STYLE } from "./style.js";

export interface WebContext {
  readonly store: MessageStore;
  readonly smtpPort: number;
}

interface Call {
  readonly context: WebContext;
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
}

type Handler = (call: Call) => WebResponse;
type Methods = Readonly<Partial<Record<"GET" | "POST" | "DELETE", Handler>>>;

const ROUTES: readonly (readonly [pattern: RegExp, methods: Methods])[] = [
  [
    /^\/$/,
    { GET: ({ context, query }) => page(listPage(context.store.messages, context.smtpPort, query.get("page"))) },
  ],
  [/^\/style\.css$/, { GET: () => styleSheet(STYLE) }],
  [/^\/delete-all$/, { POST: deleteAllAndReturn }],
  [
    /^\/messages\/([0-9a-f]+)$/,
    { GET: withMessage((message, { query }) => page(messagePage(message, query.get("view")))) },
  ],
  [/^\/messages\/([0-9a-f]+)\/html$/, { GET: withMessage((message) => foreignHtml(frameContent(message))) }],
  [/^\/api\/messages$/, { GET: ({ context }) => json(context.store.messages.map(messageSummary)), DELETE: deleteAll }],
  [/^\/api\/messages\/([0-9a-f]+)$/, { GET: withMessage((message) => json(messageDetails(message))) }],
  [
    /^\/api\/messages\/([0-9a-f]+)\.eml$/,
    { GET: withMessage((message) => download("message/rfc822", `${message.id}.eml`, message.raw)) },
  ],
  [/^\/api\/messages\/([0-9a-f]+)\/attachments\/(\d{1,6})$/, { GET: withMessage(attachment) }],
];

/** Answers one request that the guard has let in. */
export function answer(method: string, url: string, context: WebContext): WebResponse {
  const [path = "", query = ""] = url.split("?", 2);
  for (const [pattern, methods] of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const handler = methods[(method === "HEAD" ? "GET" : method) as keyof Methods];
    if (handler === undefined)
      return text(405, "This address does not take that method.", { Allow: Object.keys(methods).join(", ") });
    return handler({ context, parameters: match.slice(1), query: new URLSearchParams(query) });
  }
  return text(404, "There is nothing at this address.");
}

function withMessage(show: (message: InboxMessage, call: Call) => WebResponse): Handler {
  return (call) => {
    const message = call.context.store.find(call.parameters[0] ?? "");
    return message === undefined
      ? text(404, "There is no such message: it was deleted, or made room for newer ones.")
      : show(message, call);
  };
}

function attachment(message: InboxMessage, { parameters }: Call): WebResponse {
  const found = message.attachments[Number(parameters[1])];
  if (found === undefined) return text(404, "The message has no such attachment.");
  // SECURITY: the type is the sender's word; as octet-stream no browser shows it.
  return download("application/octet-stream", found.filename ?? "attachment", found.content);
}

function deleteAll({ context }: Call): WebResponse {
  context.store.clear();
  return text(204, "");
}

function deleteAllAndReturn({ context }: Call): WebResponse {
  context.store.clear();
  return seeOther("/");
}
