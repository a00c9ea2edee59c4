/**
 * The HTTP API described for programs: OpenAPI 3.1, at `/api/openapi.json`. A test holds it against the routes.
 */

const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;
const flag = { type: "boolean" } as const;
const time = { type: "string", format: "date-time" } as const;
const list = <Items>(items: Items): { readonly type: "array"; readonly items: Items } => ({ type: "array", items });
const ref = (name: string): { readonly $ref: string } => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object): object => ({ "application/json": { schema } });

const ok = (description: string, content?: object): object => ({
  description,
  ...(content === undefined ? {} : { content }),
});
const failure = (description: string): object => ({ description, content: json(ref("Problem")) });
const GONE = failure("There is no such message.");
const DONE = ok("Done.");
const ID = {
  name: "id",
  in: "path",
  required: true,
  schema: text,
  description: "Also in the reply to the client: `queued as <id>`. `<id>.<n>` is the message that is its attachment n.",
};
const query = (name: string, schema: object, description: string): object => ({
  name,
  in: "query",
  schema,
  description,
});

const SEARCH =
  "A search: words and operators, all of which must fit, such as `invoice to:ben has:attachment is:unread -is:secure`.";

const SUMMARY = {
  id: text,
  receivedAt: time,
  read: flag,
  envelope: {
    type: "object",
    required: ["sender", "recipients"],
    properties: { sender: text, recipients: list(text) },
    description: "What the client said in MAIL and RCPT.",
  },
  from: ref("Address"),
  to: list(ref("Address")),
  cc: list(ref("Address")),
  bcc: { ...list(text), description: "Recipients of the envelope that neither To nor Cc names." },
  subject: text,
  snippet: { ...text, description: "The beginning of the text, on one line." },
  size: { ...count, description: "Bytes of the whole message." },
  tags: { ...list(text), description: "From header fields such as X-Tags." },
  secure: { ...flag, description: "It came over TLS." },
  username: { ...text, description: "Who logged in." },
  parseError: { ...text, description: "Why the content could not be parsed." },
} as const;
const SUMMARY_ALWAYS = [
  "id",
  "receivedAt",
  "read",
  "envelope",
  "to",
  "cc",
  "bcc",
  "snippet",
  "size",
  "attachments",
  "tags",
  "secure",
];

const BOX = {
  type: "object",
  required: ["name", "total", "unread"],
  properties: { name: text, total: count, unread: count },
};

const SCHEMAS = {
  Problem: { type: "object", required: ["error"], properties: { error: text } },
  Address: { type: "object", required: ["name", "address"], properties: { name: text, address: text } },
  Inbox: {
    type: "object",
    required: ["host", "smtpPort", "protocol", "tls", "auth"],
    properties: {
      host: text,
      smtpPort: count,
      pop3Port: { ...count, description: "Mail can be read there by POP3." },
      protocol: { enum: ["smtp", "lmtp"] },
      tls: { enum: ["none", "starttls", "implicit"] },
      auth: { enum: ["none", "any", "required"] },
      anyUser: { ...flag, description: "The password is asked for, and any user name will do." },
      spamFilter: { enum: ["rspamd", "spamassassin"], description: "Which spam filter is asked." },
      releaseTo: { ...text, description: "The one address that messages can be released to." },
      webhook: {
        type: "object",
        required: ["url", "delivered", "failed"],
        properties: { url: text, delivered: count, failed: count, error: text },
      },
      outbox: { ...flag, description: "The page has a tab of an outbox." },
    },
  },
  Summary: { type: "object", required: SUMMARY_ALWAYS, properties: { ...SUMMARY, attachments: count } },
  Attachment: {
    type: "object",
    required: ["contentType", "size", "url"],
    properties: { filename: text, contentType: text, contentId: text, disposition: text, size: count, url: text },
  },
  Message: {
    type: "object",
    required: [...SUMMARY_ALWAYS, "headers", "remote", "loadable", "links", "raw"],
    properties: {
      ...SUMMARY,
      messageId: text,
      date: time,
      headers: list({ type: "object", required: ["name", "value"], properties: { name: text, value: text } }),
      text,
      html: text,
      attachments: list(ref("Attachment")),
      remote: { ...list(text), description: "Addresses that the HTML would fetch from elsewhere when it is read." },
      loadable: { ...list(text), description: "Those of `remote` that are pictures, fonts, audio or video." },
      links: { ...list(ref("Link")), description: "Each address once." },
      code: { ...text, description: "A code that the message tells, such as 482913." },
      raw: { ...text, description: "Where the bytes are." },
    },
  },
  List: {
    type: "object",
    required: ["total", "unread", "matches", "messages"],
    properties: {
      total: count,
      unread: count,
      matches: { ...count, description: "Messages that fit the search." },
      messages: { ...list(ref("Summary")), description: "Newest first." },
      next: { ...text, description: "To be given as `before` for the next page; absent on the last." },
    },
  },
  Link: {
    type: "object",
    required: ["url", "label"],
    properties: { url: text, label: text, kind: { enum: ["action", "unsubscribe"] } },
  },
  LinkAnswer: {
    type: "object",
    required: ["url", "outcome", "level"],
    properties: {
      url: text,
      outcome: { enum: ["answered", "failed", "not-requested"] },
      level: { enum: ["problem", "warning", "note", "ok"] },
      status: count,
      location: { ...text, description: "Where a redirect leads, which was not followed." },
      reason: { ...text, description: "Why there is no answer." },
    },
  },
  Boxes: {
    type: "object",
    required: ["recipients", "users"],
    properties: { recipients: list(BOX), users: list(BOX) },
  },
  Check: {
    type: "object",
    required: ["id", "level", "title", "detail"],
    properties: {
      id: text,
      level: { enum: ["problem", "warning", "note", "ok"] },
      title: text,
      detail: text,
      list: list({ type: "object", required: ["text", "detail"], properties: { text, detail: text, url: text } }),
    },
  },
  Checks: {
    type: "object",
    required: ["checks", "score"],
    properties: {
      checks: list(ref("Check")),
      score: { ...count, description: "100 less 20 for each problem and 5 for each warning." },
    },
  },
  Spam: {
    type: "object",
    required: ["filter", "isSpam", "score", "rules"],
    properties: {
      filter: { enum: ["rspamd", "spamassassin"] },
      isSpam: { ...flag, description: "It is marked or refused as spam." },
      score: { type: "number", description: "Points; the more, the more it is like spam." },
      threshold: { type: "number", description: "From here SpamAssassin calls it spam, or Rspamd refuses it." },
      action: { ...text, description: "What Rspamd would have a server do, such as `add header`." },
      rules: {
        ...list({
          type: "object",
          required: ["name", "points", "description"],
          properties: { name: text, points: { type: "number" }, description: text },
        }),
        description: "Those against the message first, then those for it, then those without points.",
      },
    },
  },
} as const;

const PATHS = {
  "/api/inbox": { get: { summary: "How to send to this inbox", responses: { 200: ok("Facts.", json(ref("Inbox"))) } } },
  "/api/messages": {
    get: {
      summary: "Messages, newest first, in pages",
      parameters: [
        query("q", text, SEARCH),
        query("limit", { type: "integer", minimum: 1, maximum: 1000, default: 100 }, "Messages of one page."),
        query("before", text, "Id of the last message of the page before."),
      ],
      responses: { 200: ok("A page.", json(ref("List"))), 400: failure("A parameter is wrong."), 404: GONE },
    },
    patch: {
      summary: "Mark several messages as read or unread",
      description: "Those of `ids`, those that `q` finds, or all.",
      parameters: [query("q", text, SEARCH)],
      requestBody: {
        required: true,
        content: json({ type: "object", required: ["read"], properties: { read: flag, ids: list(text) } }),
      },
      responses: { 204: DONE, 400: failure("The body or q is something else.") },
    },
    delete: {
      summary: "Delete several messages",
      description: "Those of `ids`, those that `q` finds, or all. They can be brought back until others are deleted.",
      parameters: [query("q", text, SEARCH)],
      requestBody: { required: false, content: json({ type: "object", properties: { ids: list(text) } }) },
      responses: { 204: DONE, 400: failure("The body or q is something else.") },
    },
  },
  "/api/messages/restore": {
    post: {
      summary: "Bring back what was deleted last",
      responses: {
        200: ok(
          "Which they are.",
          json({ type: "object", required: ["restored"], properties: { restored: list(text) } }),
        ),
      },
    },
  },
  "/api/messages/wait": {
    get: {
      summary: "The first message that fits, already there or to come",
      parameters: [
        query("q", text, SEARCH),
        query("timeout", { type: "integer", minimum: 0, maximum: 600_000, default: 3000 }, "Milliseconds."),
      ],
      responses: {
        200: ok("The message.", json(ref("Message"))),
        400: failure("A parameter is wrong."),
        404: failure("None has come in time; the error lists those that are there."),
      },
    },
  },
  "/api/boxes": {
    get: { summary: "Mail by recipient and by user", responses: { 200: ok("Boxes.", json(ref("Boxes"))) } },
  },
  "/api/messages/{id}": {
    parameters: [ID],
    get: { summary: "One message", responses: { 200: ok("The message.", json(ref("Message"))), 404: GONE } },
    patch: {
      summary: "Mark a message as read or unread",
      requestBody: {
        required: true,
        content: json({ type: "object", required: ["read"], properties: { read: flag } }),
      },
      responses: { 204: DONE, 400: failure("The body is something else."), 404: GONE },
    },
    delete: { summary: "Delete a message", responses: { 204: DONE, 404: GONE } },
  },
  "/api/messages/{id}.eml": {
    parameters: [ID],
    get: {
      summary: "The bytes of a message",
      responses: { 200: ok("As it came.", { "message/rfc822": {} }), 404: GONE },
    },
  },
  "/api/messages/{id}/attachments/{index}": {
    parameters: [ID, { name: "index", in: "path", required: true, schema: count }],
    get: {
      summary: "The decoded bytes of an attachment",
      responses: { 200: ok("Bytes.", { "application/octet-stream": {} }), 404: GONE },
    },
  },
  "/api/messages/{id}/attachments/{index}/view": {
    parameters: [ID, { name: "index", in: "path", required: true, schema: count }],
    get: {
      summary: "An attachment to be shown by a browser: pictures, PDF, sound, film and text",
      responses: {
        200: ok("Bytes; to be saved where it is none of these.", { "application/octet-stream": {} }),
        404: GONE,
      },
    },
  },
  "/api/messages/{id}/release": {
    parameters: [ID],
    post: {
      summary: "Send a message to the one address that the inbox was started with",
      responses: {
        200: ok("Sent.", json({ type: "object", required: ["reply"], properties: { reply: text } })),
        404: GONE,
        409: failure("The inbox has no such address."),
        502: failure("The server has not taken it."),
      },
    },
  },
  "/api/messages/{id}/reply": {
    parameters: [ID],
    post: {
      summary: "Reply to a message; the reply arrives in this inbox and is sent to nobody",
      requestBody: {
        required: true,
        content: json({
          type: "object",
          required: ["text"],
          properties: {
            text,
            from: { ...text, description: "One of the recipients of the envelope; default: the first." },
          },
        }),
      },
      responses: {
        200: ok("Its id.", json({ type: "object", required: ["id"], properties: { id: text } })),
        400: failure("The body is something else."),
        404: GONE,
        409: failure("The message names nobody to reply to, or a rule refused the reply."),
        413: failure("The reply is too long."),
      },
    },
  },
  "/api/messages/{id}/request-links": {
    parameters: [ID],
    post: {
      summary: "Request each web link of a message once",
      description:
        "A GET from the inbox without cookies; redirects are not followed, and nothing of the bodies is read. A request may confirm " +
        "something or be counted. Links that unsubscribe are not requested, nor more than 50. Link-local addresses are not, and an " +
        "inbox that other machines reach requests public addresses only.",
      responses: {
        200: ok(
          "What became of each.",
          json({ type: "object", required: ["answers"], properties: { answers: list(ref("LinkAnswer")) } }),
        ),
        404: GONE,
        409: failure("The links of a message are being requested already."),
      },
    },
  },
  "/api/messages/{id}/checks": {
    parameters: [ID],
    get: {
      summary: "What receivers would complain about",
      responses: { 200: ok("Findings, the worst first.", json(ref("Checks"))), 404: GONE },
    },
  },
  "/api/messages/{id}/spam": {
    parameters: [ID],
    get: {
      summary: "What the spam filter makes of a message, asked now",
      responses: {
        200: ok("Its verdict.", json(ref("Spam"))),
        404: GONE,
        409: failure("The inbox was started without a spam filter."),
        502: failure("The filter gave no result; the error says why."),
      },
    },
  },
  "/api/events": {
    get: {
      summary: "What happens, as it happens",
      description:
        "Server-sent events, each with the new `total` and `unread`: `hello` at the start, `added` with a `message`, " +
        "`removed` with `ids`, `read` with `id` and `read`, and `resync` when too much has happened to tell.",
      responses: { 200: ok("The stream.", { "text/event-stream": {} }) },
    },
  },
  "/api/openapi.json": { get: { summary: "This description", responses: { 200: ok("OpenAPI 3.1.", json({})) } } },
} as const;

export const OPENAPI: {
  readonly openapi: string;
  readonly info: object;
  readonly paths: Readonly<Record<string, object>>;
  readonly components: object;
} = {
  openapi: "3.1.0",
  info: {
    title: "Postrider inbox",
    version: "1",
    description:
      "The Host header must name a loopback address or a host that was allowed, and there is no CORS. With a password: " +
      "HTTP Basic with any user name, or Bearer.",
  },
  paths: PATHS,
  components: { schemas: SCHEMAS },
};
