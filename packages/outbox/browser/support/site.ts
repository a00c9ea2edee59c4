/**
 * A site with a login of its own, and the page of the outbox behind it; mail that it has, with texts that attack whoever shows them.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { type Inbox, startInbox } from "@postrider/inbox";
import { SmtpPool } from "postrider";
import { type Outbox, type OutboxPageOptions, openOutbox, outboxPage } from "../../src/index.js";
import { staged } from "./stage.js";

export interface Site extends AsyncDisposable {
  readonly origin: string;
  /** Where the page is. */
  readonly url: string;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  /** Requests that reached the page. */
  readonly reached: string[];
}

const LOGIN = `<!doctype html><html lang="en"><title>Log in</title><main><h1>Log in</h1>
<form method="post" action="/login"><label>Password <input name="password" type="password"></label><button>Log in</button></form></main></html>`;

/** @param options of the page */
export function openSite(options?: OutboxPageOptions): Promise<Site> {
  return staged(async (stage) => {
    const folder = mkdtempSync(join(tmpdir(), "postrider-page-"));
    stage.defer(() => rmSync(folder, { recursive: true, force: true }));
    const inbox = stage.use(await startInbox({ smtpPort: 0, webPort: false }));
    const pool = new SmtpPool({ hostname: "127.0.0.1", port: inbox.smtpPort });
    stage.defer(() => pool.close({ force: true }));
    const outbox = await openOutbox({ database: `file:${join(folder, "mail.db")}`, transport: pool });
    stage.defer(() => outbox.close());
    const reached: string[] = [];
    const page = outboxPage(outbox, options);
    const listener = getRequestListener(
      (request) => {
        reached.push(`${request.method} ${new URL(request.url).search}`);
        return page(request);
      },
      { overrideGlobalObjects: false },
    );
    const server = createServer(behindLogin(listener)).listen(0, "127.0.0.1");
    stage.defer(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { origin, url: `${origin}/admin/outbox`, outbox, inbox, reached };
  });
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The host's part: a session in a cookie. */
function behindLogin(admin: Listener): Listener {
  const session = randomBytes(16).toString("hex");
  return (request, response) => {
    if (request.url === "/login") {
      const cookie = `session=${session}; HttpOnly; SameSite=Strict`;
      response.writeHead(303, { "set-cookie": cookie, location: "/admin/outbox" }).end();
    } else if (!request.headers.cookie?.includes(`session=${session}`)) {
      response.writeHead(401, { "content-type": "text/html" }).end(LOGIN);
    } else void admin(request, response);
  };
}

/** Markup, an attribute that is left, a script's text, and a turn of the direction of text. */
export const EVIL = `"'><img src=//evil.example/x onerror=alert(1)><script>alert(2)</script></title>\u202e&amp;`;

const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." };

export interface Mails {
  readonly waiting: string;
  readonly refused: string;
  readonly unknown: string;
  readonly delivered: string;
}

/** Mail in every state that matters, each with hostile texts wherever there is one. */
export async function fill({ outbox, inbox }: Pick<Site, "outbox" | "inbox">): Promise<Mails> {
  const tags = { order: "4711", [EVIL]: EVIL };
  const evil = { ...MAIL, subject: `Your order ${EVIL}` };
  const local = '"<script>alert(3)</script>"@example.com';
  const waiting = await outbox.enqueue({ ...evil, to: [local, "bob@example.net"] }, { key: `key ${EVIL}`, tags });
  inbox.refuse({ recipient: /bob/ }, `451 4.7.1 later ${EVIL.replace("\u202e", "")}`);
  inbox.refuse({ recipient: /script/ }, `451 4.7.1 later <img src=//evil.example/y>`);
  await outbox.deliver(waiting.id);
  inbox.refuse({ recipient: /carol/ }, "550 5.1.1 <b onclick=alert(4)>no such user</b>");
  const refused = await outbox.enqueue({ ...evil, to: "carol@example.com" }, { tags });
  await outbox.deliver(refused.id);
  const drop = inbox.dropAfter("content");
  const unknown = await outbox.enqueue({ ...MAIL, subject: "Invoice 17" }, { onUnknown: "hold" });
  await outbox.deliver(unknown.id);
  drop.remove();
  const delivered = await outbox.enqueue({ ...MAIL, html: "<script>alert(5)</script>", text: `Text ${EVIL}` });
  await outbox.deliver(delivered.id);
  return { waiting: waiting.id, refused: refused.id, unknown: unknown.id, delivered: delivered.id };
}

/** Mail as a shop has it. @returns one that waits for its next attempt */
export async function fillForPicture({ outbox, inbox }: Pick<Site, "outbox" | "inbox">): Promise<string> {
  const send = async (subject: string, to: string, options: Parameters<Outbox["enqueue"]>[1] = {}): Promise<string> => {
    const { id } = await outbox.enqueue({ ...MAIL, subject, to }, options);
    await outbox.deliver(id);
    return id;
  };
  for (const [subject, to] of [
    ["Order 4706: on its way", "grace@example.com"],
    ["Order 4707: thank you", "ada@example.com"],
    ["Invoice 2026-117", "ben@example.net"],
  ] as const)
    await send(subject, to, { tags: { order: "4706" } });
  inbox.refuse({ recipient: /carol/ }, "550 5.1.1 no such user");
  await send("Order 4708: thank you", "carol@example.com");
  inbox.refuse({ recipient: /@example\.net/ }, "451 4.7.1 greylisted, try again in 5 minutes");
  await send("Order 4709: thank you", "katherine@example.net");
  const waiting = await send("Order 4711: thank you", "mary@example.net", {
    key: "order:4711:confirmed",
    tags: { order: "4711" },
  });
  const drop = inbox.dropAfter("content");
  await send("Invoice 2026-118", "alan@example.com", { onUnknown: "hold" });
  drop.remove();
  await outbox.enqueue({ ...MAIL, subject: "Newsletter of December" }, { sendAt: new Date(Date.now() + 86_400_000) });
  return waiting;
}
