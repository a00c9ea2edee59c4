import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import { ask, deliver } from "../support/mail.js";

const VERDICT = { score: 2.5, required_score: 15, action: "no action", symbols: { MISSING_MID: { score: 2.5 } } };

test("the filter is asked when somebody wants to know, and not by what arrives", async () => {
  let asked = 0;
  const rspamd = createServer((request, response) => {
    asked += 1;
    request.resume().on("end", () => response.end(JSON.stringify(VERDICT)));
  });
  rspamd.listen(0, "127.0.0.1");
  await once(rspamd, "listening");
  const spamFilter = `http://127.0.0.1:${(rspamd.address() as AddressInfo).port}`;
  {
    await using inbox = await startInbox({ smtpPort: 0, webPort: 0, spamFilter });
    await deliver(inbox, "Subject: one\n\n", "Subject: two\n\n");
    const path = `/api/messages/${inbox.messages[0]?.id}`;
    assert.equal((await ask(inbox, `${path}/checks`)).status, 200);
    assert.equal(JSON.parse((await ask(inbox, "/api/inbox")).body).spamFilter, "rspamd");
    assert.equal(asked, 0);
    const { status, body } = await ask(inbox, `${path}/spam`);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), {
      filter: "rspamd",
      isSpam: false,
      score: 2.5,
      threshold: 15,
      action: "no action",
      rules: [{ name: "MISSING_MID", points: 2.5, description: "" }],
    });
    assert.equal(asked, 1);
    assert.equal((await ask(inbox, "/api/messages/0/spam")).status, 404);
    rspamd.close();
    const gone = await ask(inbox, `${path}/spam`);
    assert.equal(gone.status, 502);
    assert.match(JSON.parse(gone.body).error, /^Rspamd at 127\.0\.0\.1:\d+ could not check the message: /);
  }
});

test("without a filter nobody is asked", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  await deliver(inbox, "Subject: one\n\n");
  const { status, body } = await ask(inbox, `/api/messages/${inbox.messages[0]?.id}/spam`);
  assert.equal(status, 409);
  assert.match(JSON.parse(body).error, /started without one/);
});

test("an inbox that closes, or a reader that goes away, gives up the question", async () => {
  const silent = createServer(() => {});
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const spamFilter = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const inbox = await startInbox({ smtpPort: 0, webPort: 0, spamFilter });
  await deliver(inbox, "Subject: one\n\n");
  const path = `api/messages/${inbox.messages[0]?.id}/spam`;
  const reader = new AbortController();
  for (const { signal, giveUp } of [
    { signal: reader.signal, giveUp: () => reader.abort() },
    { signal: null, giveUp: () => inbox.close() },
  ]) {
    const asked = once(silent, "request");
    const answer = fetch(`${inbox.url}${path}`, { signal }).catch(() => {});
    const [request] = await asked;
    // Not once(), which rejects: on Deno the socket of a request that is given up has an error.
    const ended = new Promise((resolve) => request.socket.on("error", () => {}).on("close", resolve));
    await giveUp();
    await Promise.all([ended, answer]);
  }
  silent.close();
});
