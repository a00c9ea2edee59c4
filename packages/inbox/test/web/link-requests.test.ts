import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import type { ApiLinkAnswer } from "../../src/web/api-types.js";
import { LINK_LIMITS, type LinkLimits, LinkRequests } from "../../src/web/link-requests.js";
import { anyAddress, publicAddress } from "../../src/web/reachable.js";
import { Dialogue } from "../support/dialogue.js";
import { ask, deliver, withMail } from "../support/mail.js";
import { parsed } from "../support/parsed.js";

interface Site extends AsyncDisposable {
  readonly origin: string;
  readonly requests: readonly IncomingMessage[];
}

/** A web server that is asked for links. */
async function site(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const never = new AbortController().signal;

async function requested(
  urls: readonly string[],
  { headers = "", limits = {} }: { readonly headers?: string; readonly limits?: Partial<LinkLimits> } = {},
): Promise<readonly ApiLinkAnswer[]> {
  const message = await parsed(`${headers}Subject: x\n\n`);
  const links = urls.map((url) => ({ url, label: "" }));
  const requests = new LinkRequests(anyAddress, { ...LINK_LIMITS, ...limits });
  return (await requests.request(links, message.headers, never)) ?? [];
}

test("each link is requested once, by a GET without cookies, credentials or Referer", async () => {
  await using there = await site((_request, response) => response.end("hello"));
  const url = `${there.origin}/a?b=c`;
  const answers = await requested([url, `${url}#part`, `${url}#other`]);
  assert.deepEqual(
    answers,
    [url, `${url}#part`, `${url}#other`].map((one) => ({ url: one, outcome: "answered", level: "ok", status: 200 })),
  );
  assert.deepEqual(
    there.requests.map(({ method, url: path }) => `${method} ${path}`),
    ["GET /a?b=c"],
  );
  const { headers } = there.requests[0] ?? {};
  assert.deepEqual(Object.keys(headers ?? {}).sort(), ["accept", "connection", "host", "user-agent"]);
});

test("a name is requested at the addresses that it has", async () => {
  await using there = await site((_request, response) => response.end());
  const [answer] = await requested([there.origin.replace("127.0.0.1", "localhost")]);
  assert.equal(answer?.status, 200);
});

test("the status says how much it matters; where a redirect leads is told and not followed", async () => {
  await using there = await site((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, status === 302 ? { Location: "/else where", "Set-Cookie": "a=b" } : {}).end();
  });
  const answers = await requested(
    [200, 204, 302, 401, 404, 410, 429, 500].map((status) => `${there.origin}/${status}`),
  );
  assert.deepEqual(
    answers.map(({ status, level }) => `${status} ${level}`),
    ["200 ok", "204 ok", "302 note", "401 warning", "404 problem", "410 problem", "429 warning", "500 problem"],
  );
  assert.equal(answers[2]?.location, `${there.origin}/else%20where`);
  assert.equal(there.requests.length, 8);
});

test("what unsubscribes is never requested, under whatever words or parameters it stands", async () => {
  await using there = await site((_request, response) => response.end());
  const one = `${there.origin}/u/17`;
  const headers = `List-Unsubscribe: <mailto:a@example.com>,\n <${there.origin}/u/17?id=1>, <${there.origin}/?u=1>\n`;
  const answers = await requested([one, `${one}?id=1&from=body`, `${there.origin}/?u=1`, `${there.origin}/`], {
    headers,
  });
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    ["not-requested", "not-requested", "not-requested", "answered"],
  );
  assert.match(answers[0]?.reason ?? "", /unsubscribe/);
  assert.deepEqual(
    there.requests.map(({ url }) => url),
    ["/"],
  );
});

test("links that say that they unsubscribe are not requested through the API either", async () => {
  await using there = await site((_request, response) => response.end());
  const html = `<a href="${there.origin}/1">Leave this list (unsubscribe)</a><a href="${there.origin}/2">Shop</a>`;
  await using inbox = await withMail(`Subject: x\nContent-Type: text/html\n\n${html}`);
  const path = `/api/messages/${inbox.messages[0]?.id}/request-links`;
  assert.equal((await ask(inbox, path)).status, 405);
  assert.equal(there.requests.length, 0);
  const { status, body } = await ask(inbox, path, { method: "POST" });
  assert.equal(status, 200);
  assert.deepEqual(
    JSON.parse(body).answers.map(({ outcome }: ApiLinkAnswer) => outcome),
    ["not-requested", "answered"],
  );
  assert.deepEqual(
    there.requests.map(({ url }) => url),
    ["/2"],
  );
});

test("nothing is requested by a look at the message, by another site, or for a message that is not there", async () => {
  await using there = await site((_request, response) => response.end());
  await using inbox = await withMail(`Subject: x\n\n${there.origin}/1`);
  const message = `/api/messages/${inbox.messages[0]?.id}`;
  for (const path of [message, `${message}/checks`]) assert.equal((await ask(inbox, path)).status, 200);
  const path = `${message}/request-links`;
  for (const headers of [
    { Origin: "https://evil.example" },
    { "Sec-Fetch-Site": "cross-site" },
    { Host: "evil.example" },
  ])
    assert.equal((await ask(inbox, path, { method: "POST", headers })).status, 403);
  assert.equal((await ask(inbox, "/api/messages/00/request-links", { method: "POST" })).status, 404);
  assert.equal(there.requests.length, 0);
});

test("no more than so many at once, and no more than so many at all", async () => {
  const open: ServerResponse[] = [];
  let most = 0;
  await using there = await site((_request, response) => {
    open.push(response);
    most = Math.max(most, open.length);
    // The answer to the first comes with the last that may be under way beside it.
    if (open.length === 2 || there.requests.length === 5) for (const one of open.splice(0)) one.end();
  });
  const urls = Array.from({ length: 7 }, (_, index) => `${there.origin}/${index}`);
  const answers = await requested(urls, { limits: { atOnce: 2, links: 5 } });
  assert.equal(most, 2);
  assert.equal(there.requests.length, 5);
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    [...Array(5).fill("answered"), "not-requested", "not-requested"],
  );
  assert.equal(answers[6]?.reason, "Only 5 links of a message are requested.");
});

test("a server that does not answer in time has failed, and the rest is not requested when all time is over", async () => {
  await using there = await site(() => {});
  const [slow] = await requested([`${there.origin}/`], { limits: { eachMs: 1 } });
  assert.deepEqual([slow?.outcome, slow?.level, slow?.reason], ["failed", "problem", "There was no answer in time."]);
  const answers = await requested([`${there.origin}/1`, `${there.origin}/2`], { limits: { allMs: 1, atOnce: 1 } });
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    ["failed", "not-requested"],
  );
});

test("of the body nothing is read, of the header no more than 16 KiB", async () => {
  await using there = await site((request, response) => {
    if (request.url === "/header") response.setHeader("X-Long", "x".repeat(20_000));
    // A body without an end.
    response.writeHead(200);
    response.write("beginning");
  });
  const answers = await requested([`${there.origin}/body`, `${there.origin}/header`]);
  assert.equal(answers[0]?.status, 200);
  assert.deepEqual(
    [answers[1]?.outcome, answers[1]?.reason],
    ["failed", "The header of the answer is longer than 16 KiB."],
  );
});

test("what is no answer of HTTP, or none at all, is a failure in words", async () => {
  const answers = [
    "SSH-2.0-x\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    "",
  ];
  for (const text of answers) {
    const server = createTcpServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end(text),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const [answer] = await requested([`http://127.0.0.1:${(server.address() as AddressInfo).port}/`]);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(answer?.outcome, "failed", text);
    assert.notEqual(answer?.reason ?? "", "", text);
  }
});

test("no server at the address is a failure in words", async () => {
  const there = await site(() => {});
  await there[Symbol.asyncDispose]();
  const [answer] = await requested([`${there.origin}/`]);
  assert.deepEqual([answer?.outcome, answer?.reason], ["failed", "The connection was refused."]);
});

test("addresses with a password, of other services, of other kinds are not requested", async () => {
  const answers = await requested([
    "http://user:secret@127.0.0.1:8080/",
    "http://127.0.0.1:25/",
    "https://",
    "mailto:ben@example.com",
    "javascript:alert(1)",
    "file:///etc/passwd",
  ]);
  assert.deepEqual(
    answers.map(({ url, outcome }) => `${url} ${outcome}`),
    ["http://user:secret@127.0.0.1:8080/", "http://127.0.0.1:25/", "https://"].map((url) => `${url} not-requested`),
  );
});

test("link-local addresses are never requested, private ones only by an inbox that nobody else reaches", () => {
  for (const [address, any, open] of [
    ["93.184.216.34", true, true],
    ["2606:4700::1111", true, true],
    ["127.0.0.1", true, false],
    ["::1", true, false],
    ["::ffff:127.0.0.1", true, false],
    ["::ffff:7f00:1", true, false],
    ["10.1.2.3", true, false],
    ["172.31.0.1", true, false],
    ["172.32.0.1", true, true],
    ["192.168.1.1", true, false],
    ["100.64.0.1", true, false],
    ["0.0.0.0", true, false],
    ["fd12::1", true, false],
    ["64:ff9b::a00:1", true, false],
    ["169.254.169.254", false, false],
    ["::ffff:169.254.169.254", false, false],
    ["64:ff9b::a9fe:a9fe", false, false],
    ["fe80::1", false, false],
    ["fd00:ec2::254", false, false],
    ["224.0.0.1", false, false],
    ["255.255.255.255", false, false],
    ["name.example", false, false],
  ] as const) {
    assert.equal(anyAddress(address), any, address);
    assert.equal(publicAddress(address), open, address);
  }
});

test("an inbox that others reach requests no address of its own network, literal or by name", async () => {
  await using there = await site((_request, response) => response.end());
  const { port } = new URL(there.origin);
  const urls = [
    `http://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `http://2130706433:${port}/`,
    `http://[::1]:${port}/`,
  ];
  for (const options of [{ host: "0.0.0.0", password: "sesame" }, { allowedHosts: ["inbox.example"] }]) {
    await using inbox = await startInbox({ smtpPort: 0, webPort: 0, ...options });
    if ("host" in options) {
      const client = await Dialogue.open(inbox.smtpPort);
      await client.say("EHLO me");
      await client.say(`AUTH PLAIN ${Buffer.from("\0any\0sesame").toString("base64")}`);
      await client.deliver(`Subject: x\n\n${urls.join("\n")}`);
      client.destroy();
    } else await deliver(inbox, `Subject: x\n\n${urls.join("\n")}`);
    const headers = { Authorization: "Bearer sesame" };
    const { body } = await ask(inbox, `/api/messages/${inbox.messages[0]?.id}/request-links`, {
      method: "POST",
      headers,
    });
    const answers: readonly ApiLinkAnswer[] = JSON.parse(body).answers;
    assert.equal(answers.length, urls.length);
    for (const { url, outcome, reason } of answers) {
      assert.equal(outcome, "not-requested", url);
      assert.match(reason ?? "", /private or link-local/, url);
    }
  }
  assert.equal(there.requests.length, 0);
});

test("while links are requested a second wish is refused; an inbox that closes ends the requests", async () => {
  let asked = (): void => {};
  const first = new Promise<void>((resolve) => {
    asked = resolve;
  });
  await using there = await site(() => asked());
  const inbox = await withMail(`Subject: x\n\n${there.origin}/1`);
  const path = `/api/messages/${inbox.messages[0]?.id}/request-links`;
  const answer = ask(inbox, path, { method: "POST" }).catch((error: Error) => error);
  await first;
  assert.equal((await ask(inbox, path, { method: "POST" })).status, 409);
  const gone = new Promise<void>((resolve) => there.requests[0]?.socket.on("close", () => resolve()));
  await inbox.close();
  await Promise.all([answer, gone]);
});
