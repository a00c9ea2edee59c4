import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { startInbox } from "../src/inbox.js";
import { ask, deliver } from "./support/mail.js";

interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly heard: unknown[];
  /** Resolves when so many have come. */
  readonly waitFor: (count: number) => Promise<void>;
}

async function receiver(status = 204): Promise<Receiver> {
  const heard: unknown[] = [];
  let wake = (): void => {};
  const server: Server = createServer(async (request, response) => {
    heard.push(await json(request));
    response.writeHead(status).end();
    wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?secret=1`,
    heard,
    waitFor: async (count) => {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("the webhook hears of each message in order", async () => {
  await using hook = await receiver();
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, webhook: hook.url });
  await deliver(inbox, "Subject: one\n\nFirst.", "Subject: two\n\n");
  await hook.waitFor(2);
  const [first, second] = hook.heard as { message: { subject: string; snippet: string; id: string }; url: string }[];
  assert.deepEqual([first?.message.subject, first?.message.snippet, second?.message.subject], ["one", "First.", "two"]);
  assert.equal(first?.url, `/messages/${inbox.messages[0]?.id}`);
});

test("a receiver that fails is counted, and its secret is not shown", async () => {
  await using hook = await receiver(500);
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, webhook: hook.url });
  const warned = once(process, "warning");
  await deliver(inbox, "Subject: one\n\n");
  const [warning] = await warned;
  assert.match(String(warning), /InboxWebhookWarning: The webhook has failed: The receiver answered 500/);
  const { webhook } = JSON.parse((await ask(inbox, "/api/inbox")).body);
  assert.deepEqual(webhook, {
    url: hook.url.replace("?secret=1", ""),
    delivered: 0,
    failed: 1,
    error: "The receiver answered 500.",
  });
});
