import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { type Inbox, startInbox } from "../../src/inbox.js";
import { Dialogue } from "../support/dialogue.js";

const HOSTILE = `From: "<b>Mallory</b>" <m@example.com>
To: you@example.com
Subject: <script>alert(1)</script> "quoted" & 'more'
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<script>alert(2)</script><img src="http://192.0.2.1/pixel"><link rel=preconnect href="http://192.0.2.1"><meta http-equiv=refresh content="0;url=http://192.0.2.1"><img src="cid:pic"></html>
--r
Content-Type: image/png; name="a\\".png"
Content-ID: <pic>
Content-Transfer-Encoding: base64

AAEC
--r--
`;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(
  inbox: Inbox,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: inbox.webPort, path, agent: false, ...options }, (response) => {
      response.setEncoding("utf8");
      let body = "";
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function withMail(...contents: readonly string[]): Promise<Inbox> {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (const content of contents) await client.deliver(content, "sender@example.com", ["you@example.com"]);
  client.destroy();
  return inbox;
}

test("an empty inbox shows the code that sends a first message", async () => {
  await using inbox = await withMail();
  assert.equal(inbox.url, `http://127.0.0.1:${inbox.webPort}/`);
  const { status, body } = await ask(inbox, "/");
  assert.equal(status, 200);
  assert.match(body, /import \{ send \} from &quot;postrider&quot;|import \{ send \} from "postrider"/);
  assert.ok(body.includes(`port: ${inbox.smtpPort}`));
});

test("the list shows the newest first and escapes what the messages say", async () => {
  await using inbox = await withMail("Subject: older\n\nbody", HOSTILE);
  const { body, headers } = await ask(inbox, "/");
  assert.ok(body.indexOf("alert(1)") < body.indexOf("older") && body.includes("alert(1)"));
  assert.ok(body.includes("&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;more&#39;"));
  assert.ok(body.includes("&lt;b&gt;Mallory&lt;/b&gt;"));
  assert.doesNotMatch(body, /<script|<b>/);
  assert.match(
    String(headers["content-security-policy"]),
    /^default-src 'none'; style-src 'self'; .*frame-ancestors 'none'$/,
  );
  assert.equal(headers["access-control-allow-origin"], undefined);
  assert.equal(headers["x-content-type-options"], "nosniff");
});

test("every view of a message escapes it", async () => {
  await using inbox = await withMail(HOSTILE);
  const id = inbox.messages[0]?.id;
  for (const view of ["html", "headers", "source", "text", "<x>"]) {
    const { status, body } = await ask(inbox, `/messages/${id}?view=${encodeURIComponent(view)}`);
    assert.equal(status, 200);
    assert.doesNotMatch(body, /<script|<b>|<img|<link rel=preconnect|<meta http-equiv/, view);
  }
});

test("HTML is framed without any permission and cannot reach out", async () => {
  await using inbox = await withMail(HOSTILE);
  const id = inbox.messages[0]?.id;
  assert.match(
    (await ask(inbox, `/messages/${id}`)).body,
    new RegExp(`<iframe sandbox referrerpolicy="no-referrer" [^>]*src="/messages/${id}/html">`),
  );
  const { body, headers } = await ask(inbox, `/messages/${id}/html`);
  const policy = String(headers["content-security-policy"]);
  assert.match(policy, /^sandbox; default-src 'none'; /);
  assert.doesNotMatch(policy, /script-src|allow-|https?:|\*/);
  assert.doesNotMatch(body, /<link|<meta/);
  assert.ok(body.includes('<img src="data:image/png;base64,AAEC">'));
  assert.equal(headers["x-dns-prefetch-control"], "off");
  assert.equal(headers["referrer-policy"], "no-referrer");
});

test("one large picture that is named very often does not grow without bound", async () => {
  const picture = Buffer.alloc(600_000)
    .toString("base64")
    .replace(/(.{76})/g, "$1\n");
  const html = '<img src="cid:pic">'.repeat(1000).replaceAll(">", ">\n");
  await using inbox = await withMail(
    `Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n${html}\n--r\nContent-Type: image/png\nContent-ID: <pic>\nContent-Transfer-Encoding: base64\n\n${picture}\n--r--`,
  );
  const { body } = await ask(inbox, `/messages/${inbox.messages[0]?.id}/html`);
  assert.ok(body.length > 30_000_000 && body.length < 34_000_000, String(body.length));
});

for (const host of [
  "evil.example",
  "evil.example:8025",
  "127.0.0.1.evil.example",
  "0.0.0.0",
  "127.0.0.1@evil.example",
  "[::2]:1",
  "localhost.",
  "[127.0.0.1]x",
]) {
  test(`the Host header ${JSON.stringify(host)} is refused (DNS rebinding)`, async () => {
    await using inbox = await withMail("Subject: secret\n\n");
    for (const path of ["/", "/api/messages", "/style.css"]) {
      const { status, body } = await ask(inbox, path, { headers: { host } });
      assert.equal(status, 403);
      assert.doesNotMatch(body, /secret/);
    }
  });
}

for (const host of ["localhost:9000", "127.0.0.1", "[::1]:8025", "LocalHost"]) {
  test(`the Host header ${host} is welcome`, async () => {
    await using inbox = await withMail();
    assert.equal((await ask(inbox, "/", { headers: { host } })).status, 200);
  });
}

test("a request without a Host, or with an empty one, is refused", async () => {
  await using inbox = await withMail("Subject: secret\n\n");
  for (const request of ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"]) {
    const socket = connect(inbox.webPort ?? 0, "127.0.0.1");
    socket.write(request);
    assert.match((await buffer(socket)).toString(), /^HTTP\/1\.1 403 (?!.*secret)/s);
  }
});

test("a page of another site cannot delete", async () => {
  await using inbox = await withMail("Subject: kept\n\n");
  for (const headers of [
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ]) {
    assert.equal(
      (await ask(inbox, "/delete-all", { method: "POST", headers: { ...headers } as Record<string, string> })).status,
      403,
    );
    assert.equal(
      (await ask(inbox, "/api/messages", { method: "DELETE", headers: { ...headers } as Record<string, string> }))
        .status,
      403,
    );
  }
  assert.equal(inbox.messages.length, 1);
});

test("the page's own button deletes all and comes back", async () => {
  await using inbox = await withMail("Subject: gone\n\n");
  const headers = { origin: `http://127.0.0.1:${inbox.webPort}`, "sec-fetch-site": "same-origin" };
  const { status, headers: answered } = await ask(inbox, "/delete-all", { method: "POST", headers });
  assert.equal(status, 303);
  assert.equal(answered.location, "/");
  assert.equal(inbox.messages.length, 0);
});

test("the API lists, shows, hands out bytes and deletes", async () => {
  await using inbox = await withMail(HOSTILE, "Subject: two\n\nbody");
  const [first, second] = inbox.messages;
  const list = JSON.parse((await ask(inbox, "/api/messages")).body);
  assert.deepEqual(
    list.map((entry: { id: string; subject: string }) => [entry.id, entry.subject]),
    [
      [first?.id, first?.subject],
      [second?.id, "two"],
    ],
  );
  const one = JSON.parse((await ask(inbox, `/api/messages/${first?.id}`)).body);
  assert.equal(one.html, first?.html);
  assert.deepEqual(one.headers[0], { name: "From", value: '"<b>Mallory</b>" <m@example.com>' });
  const file = await ask(inbox, one.attachments[0].url);
  assert.equal(file.headers["content-type"], "application/octet-stream");
  assert.equal(file.headers["content-disposition"], "attachment; filename*=UTF-8''a%22.png");
  assert.equal(file.body, "\0\x01\x02");
  const eml = await ask(inbox, one.raw);
  assert.equal(eml.headers["content-type"], "message/rfc822");
  assert.equal(eml.body, Buffer.from(first?.raw ?? []).toString());
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE" })).status, 204);
  assert.equal(inbox.messages.length, 0);
});

test("what is not there is 404, what is not done is 405, HEAD has no body", async () => {
  await using inbox = await withMail("Subject: one\n\n");
  const id = inbox.messages[0]?.id;
  for (const path of [
    "/nothing",
    "/messages/00",
    "/messages/../etc",
    `/api/messages/${id}/attachments/0`,
    "/%00",
    "//evil.example/",
  ]) {
    assert.equal((await ask(inbox, path)).status, 404, path);
  }
  const refused = await ask(inbox, "/", { method: "PUT" });
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.allow, "GET");
  const head = await ask(inbox, "/", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.body, "");
});

test("a long list comes in pages", async () => {
  await using inbox = await withMail(...Array.from({ length: 101 }, (_, index) => `Subject: number ${index}.\n\n`));
  const first = await ask(inbox, "/");
  assert.ok(
    first.body.includes("number 100.") && !first.body.includes("number 0.") && first.body.includes("Page 1 of 2"),
  );
  for (const wanted of ["2", "99"]) assert.ok((await ask(inbox, `/?page=${wanted}`)).body.includes("number 0."));
  for (const wanted of ["0", "-1", "x", "1e999"]) assert.equal((await ask(inbox, `/?page=${wanted}`)).status, 200);
});

test("no page without a web port", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  assert.equal(inbox.webPort, undefined);
  assert.equal(inbox.url, undefined);
});
