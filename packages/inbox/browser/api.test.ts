/**
 * What programs use, driven from a real browser: the HTTP API, the webhook, assertions over HTTP; and who may not use it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { json, text } from "node:stream/consumers";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { send } from "postrider";
import { startInbox } from "../src/inbox.js";
import { connectInbox } from "../src/remote/connect-inbox.js";
import { assertNotSent, assertSent } from "../src/testing/assert-sent.js";
import { inboxMatchers } from "../src/testing/inbox-matchers.js";
import { closeBrowser, newContext, openBrowser, visit } from "./support/browser.js";
import { deliver, plainMail, RICH_MAIL } from "./support/mails.js";
import { faultsOf, type OpenApi } from "./support/openapi.js";

after(closeBrowser);

interface Site extends AsyncDisposable {
  readonly origin: string;
}

async function site(answer: RequestListener): Promise<Site> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Asks as a script of the page does. */
function ask(page: Page, method: string, path: string, body?: object): Promise<Answer> {
  return page.evaluate(
    async ([verb, address, content]) => {
      const response = await fetch(address, { method: verb, ...(content === "" ? {} : { body: content }) });
      return {
        status: response.status,
        type: response.headers.get("content-type") ?? "",
        body: await response.text(),
      };
    },
    [method.toUpperCase(), path, body === undefined ? "" : JSON.stringify(body)] as const,
  );
}

/** Each operation of the description, what is asked of it, and the status that comes. ID is that of a message. */
const OPERATIONS: readonly (readonly [operation: string, path: string, status: number, body?: object])[] = [
  ["get /api/openapi.json", "/api/openapi.json", 200],
  ["get /api/inbox", "/api/inbox", 200],
  ["get /api/boxes", "/api/boxes", 200],
  ["get /api/messages", "/api/messages?q=subject:order&limit=1", 200],
  ["get /api/messages", "/api/messages?limit=none", 400],
  ["get /api/messages/wait", "/api/messages/wait?q=subject:order", 200],
  ["get /api/messages/wait", "/api/messages/wait?q=subject:nothing&timeout=0", 404],
  ["get /api/messages/{id}", "/api/messages/ID", 200],
  ["get /api/messages/{id}", "/api/messages/00", 404],
  ["get /api/messages/{id}.eml", "/api/messages/ID.eml", 200],
  ["get /api/messages/{id}/attachments/{index}", "/api/messages/ID/attachments/0", 200],
  ["get /api/messages/{id}/attachments/{index}", "/api/messages/ID/attachments/9", 404],
  ["get /api/messages/{id}/attachments/{index}/view", "/api/messages/ID/attachments/0/view", 200],
  ["get /api/messages/{id}/checks", "/api/messages/ID/checks", 200],
  // This inbox was started without a spam filter.
  ["get /api/messages/{id}/spam", "/api/messages/ID/spam", 409],
  ["post /api/messages/{id}/request-links", "/api/messages/ID/request-links", 200],
  ["post /api/messages/{id}/release", "/api/messages/ID/release", 409],
  ["post /api/messages/{id}/reply", "/api/messages/ID/reply", 200, { text: "Thank you for the order." }],
  ["post /api/messages/{id}/reply", "/api/messages/ID/reply", 400, { text: 7 }],
  ["post /api/messages/{id}/reply", "/api/messages/ID/reply", 409, { text: "", from: "eve@example.com" }],
  ["patch /api/messages/{id}", "/api/messages/ID", 204, { read: true }],
  ["patch /api/messages/{id}", "/api/messages/ID", 400, { read: "yes" }],
  ["patch /api/messages", "/api/messages", 204, { read: false, ids: [] }],
  ["delete /api/messages/{id}", "/api/messages/ID", 204],
  ["post /api/messages/restore", "/api/messages/restore", 200],
  ["delete /api/messages", "/api/messages?q=subject:order", 204],
];

test("the HTTP API does what its OpenAPI description says, called by a script of the page", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  // Its links lead to a port that is not requested.
  await deliver(inbox, RICH_MAIL.replaceAll("https://shop.example", "http://127.0.0.1:9"));
  const id = inbox.messages[0]?.id ?? "";
  const described: OpenApi = JSON.parse((await ask(page, "get", "/api/openapi.json")).body);
  for (const [operation, path, status, body] of OPERATIONS) {
    const [method = "", place = ""] = operation.split(" ");
    const answer = await ask(page, method, path.replace("ID", id), body);
    assert.equal(answer.status, status, `${operation}: ${answer.body}`);
    assert.deepEqual(faultsOf(described, { method, place, ...answer }), [], operation);
  }
  // A stream does not end: its first event is enough.
  const hello = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const stream = new EventSource("/api/events");
        stream.addEventListener("hello", ({ data }) => {
          stream.close();
          resolve(data);
        });
      }),
  );
  assert.deepEqual(JSON.parse(hello), { total: 0, unread: 0 });
  const tried = new Set(["get /api/events", ...OPERATIONS.map(([operation]) => operation)]);
  const all = Object.entries(described.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== "parameters")
      .map((method) => `${method} ${path}`),
  );
  assert.deepEqual([...tried].sort(), all.sort());
});

test("a script of the page waits over HTTP for a message that arrives later", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  // One round trip later the wait has begun.
  await page.evaluate(async () => {
    const coming = fetch("/api/messages/wait?q=subject:wanted&timeout=60000");
    Object.assign(globalThis, { coming });
    await (await fetch("/api/inbox")).text();
  });
  await deliver(inbox, plainMail("Other", "x"), plainMail("Wanted", "here it is"));
  const message = await page.evaluate(async () => {
    const { coming } = globalThis as unknown as { coming: Promise<Response> };
    return (await coming).json();
  });
  assert.equal(message.subject, "Wanted");
  assert.match(message.text, /^here it is\n/);
  await page.locator(".row-subject").getByText("Wanted").waitFor();
});

test("the webhook receives each message, with a URL that shows it", async () => {
  const heard: { message: { subject: string }; url: string }[] = [];
  await using receiver = await site(async (request, response) => {
    heard.push((await json(request)) as (typeof heard)[number]);
    response.writeHead(204).end();
  });
  await using there = await visit({ inbox: { webhook: `${receiver.origin}/hook` } });
  const { page, inbox } = there;
  await deliver(inbox, plainMail("Told", "to another program"));
  await page.waitForFunction(async () => (await (await fetch("/api/inbox")).json()).webhook?.delivered === 1);
  assert.deepEqual(
    heard.map(({ message }) => message.subject),
    ["Told"],
  );
  await page.goto(new URL(heard[0]?.url ?? "", inbox.url).href);
  await page.locator("#subject").filter({ hasText: "Told" }).waitFor();
  await page.getByRole("tabpanel").getByText("to another program").waitFor();
});

test("a sign-up test finds its mail by connectInbox and the matchers, and follows its link", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  await using shop = await site(async (request, response) => {
    response.setHeader("Content-Type", "text/html");
    if (request.url === "/sign-up") {
      const to = new URLSearchParams(await text(request)).get("email") ?? "";
      const link = `http://${request.headers.host}/confirm?token=8f3a77c1`;
      await send(
        { from: "shop@example.com", to, subject: "Confirm your address", text: `Welcome. Please follow ${link}.` },
        { port: inbox.smtpPort },
      );
      response.end("<p role=status>Look into your inbox.</p>");
    } else if (request.url === "/confirm?token=8f3a77c1") response.end("<h1>Confirmed</h1>");
    else
      response.end(
        "<form method=post action=/sign-up><label>Email <input name=email></label><button>Join</button></form>",
      );
  });
  await using browser = await newContext({});
  const page = await browser.context.newPage();
  await using remote = await connectInbox(inbox.url ?? "", { recipient: "ben@example.com" });
  await assertNotSent(remote, {});
  await page.goto(shop.origin);
  await page.getByLabel("Email").fill("ben@example.com");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("status").getByText("Look into your inbox.").waitFor();
  const wanted = { to: "ben@example.com", subject: "Confirm your address" };
  assert.equal((await inboxMatchers.toHaveSent.call({ isNot: false }, remote, wanted)).pass, true);
  const other = await inboxMatchers.toHaveSent.call({ isNot: false }, remote, { subject: "Invoice" }, { timeout: 0 });
  assert.equal(other.pass, false);
  assert.match(other.message(), /Confirm your address/);
  const message = await assertSent(remote, wanted);
  await page.goto(/http:\S+\w/.exec(message.text ?? "")?.[0] ?? "");
  await page.getByRole("heading", { name: "Confirmed" }).waitFor();
  // The same message on the page of the inbox.
  await page.goto(`${inbox.url}messages/${message.id}`);
  await page.getByRole("heading", { name: "Confirm your address" }).waitFor();
});

test("neither DNS rebinding nor another site reads or changes the inbox", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  await using open = await startInbox({ smtpPort: 0, webPort: 0, allowedHosts: ["inbox.example"] });
  await deliver(inbox, plainMail("Secret", "x"));
  const names = ["rebound.example", "inbox.example", "evil.example"];
  const rules = names.map((name) => `MAP ${name} 127.0.0.1`).join(",");
  await using browser = await openBrowser(`--host-resolver-rules=${rules}`);
  const page = await browser.context.newPage();
  const rebound = await page.goto(`http://rebound.example:${inbox.webPort}/`);
  assert.equal(rebound?.status(), 403);
  await page.getByText("The Host header does not name this inbox").waitFor();
  const api = await page.goto(`http://rebound.example:${inbox.webPort}/api/messages`);
  assert.equal(api?.status(), 403);
  assert.doesNotMatch((await api?.text()) ?? "", /Secret/);

  await using evil = await site((_request, response) => response.end("<!doctype html><p>evil</p>"));
  await page.goto(`http://evil.example:${new URL(evil.origin).port}/`);
  const tries = await page.evaluate(async (target) => {
    const outcome = (asked: Promise<Response>): Promise<string> =>
      asked.then(
        async (response) => `${response.type} ${await response.text()}`,
        () => "refused",
      );
    return [
      await outcome(fetch(`${target}api/messages`)),
      await outcome(fetch(`${target}api/messages`, { method: "DELETE" })),
      // What needs no permission of the other side is sent; its answer cannot be read.
      await outcome(fetch(`${target}api/messages/restore`, { method: "POST", mode: "no-cors" })),
    ];
  }, inbox.url ?? "");
  assert.deepEqual(tries.slice(0, 2), ["refused", "refused"]);
  assert.ok(["opaque ", "refused"].includes(tries[2] ?? ""));
  assert.equal(inbox.messages.length, 1);

  await page.goto(`http://inbox.example:${open.webPort}/`);
  await page.locator(".address-card").waitFor();
  await page.goto(`http://localhost:${inbox.webPort}/`);
  await page.locator(".row-subject").getByText("Secret").waitFor();
});
