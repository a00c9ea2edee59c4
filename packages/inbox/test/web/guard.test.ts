import assert from "node:assert/strict";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { ask, withMail } from "../support/mail.js";

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
    for (const path of ["/", "/api/messages", "/api/events", "/icon.svg"]) {
      const { status, body } = await ask(inbox, path, { headers: { host } });
      assert.equal(status, 403);
      assert.doesNotMatch(body, /secret/);
    }
  });
}

for (const host of ["localhost:9000", "127.0.0.1", "[::1]:8025", "LocalHost"]) {
  test(`the Host header ${host} is welcome`, async () => {
    await using inbox = await withMail();
    assert.equal((await ask(inbox, "/api/messages", { headers: { host } })).status, 200);
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

const FOREIGN: readonly Record<string, string>[] = [
  { origin: "http://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];

test("a page of another site can neither delete nor change", async () => {
  await using inbox = await withMail("Subject: kept\n\n");
  const path = `/api/messages/${inbox.messages[0]?.id}`;
  for (const headers of FOREIGN) {
    assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", headers })).status, 403);
    assert.equal((await ask(inbox, path, { method: "DELETE", headers })).status, 403);
    assert.equal((await ask(inbox, path, { method: "PATCH", headers, body: '{"read":true}' })).status, 403);
  }
  assert.equal(inbox.messages.length, 1);
});

test("the page's own requests are welcome", async () => {
  await using inbox = await withMail("Subject: gone\n\n");
  const headers = { origin: `http://127.0.0.1:${inbox.webPort}`, "sec-fetch-site": "same-origin" };
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", headers })).status, 204);
  assert.equal(inbox.messages.length, 0);
});

test("no answer lets another site in", async () => {
  await using inbox = await withMail("Subject: one\n\n");
  for (const path of ["/", "/api/messages", `/messages/${inbox.messages[0]?.id}/html`, "/nothing"]) {
    const { headers } = await ask(inbox, path, { headers: { origin: "http://evil.example" } });
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["x-dns-prefetch-control"], "off");
  }
  const preflight = await ask(inbox, "/api/messages", {
    method: "OPTIONS",
    headers: { origin: "http://evil.example" },
  });
  assert.equal(preflight.status, 403);
});
