/**
 * What a proxy is told: one request, whatever stands in the name of the server and in the credentials.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { after, before, test } from "node:test";
import { isSmtpError, send } from "../../src/index.js";
import { BASE, LIMITS } from "./probe.js";
import { thrownAgain } from "./tricks.js";

let proxy: Server;
let requests: string[] = [];

before(async () => {
  proxy = createServer((socket) => {
    let request = "";
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      request += bytes.toString("latin1");
      if (!request.includes("\r\n\r\n")) return;
      requests.push(request);
      socket.end("HTTP/1.1 502 No\r\n\r\n");
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
});

after(async () => {
  proxy.close();
  await once(proxy, "close");
});

/** The request that a value leads to; undefined when it is an error of input. */
async function asked(options: (place: string) => object): Promise<string | undefined> {
  requests = [];
  const address = proxy.address();
  assert.ok(typeof address === "object" && address !== null);
  const given = { ...LIMITS, timeout: 10_000, ...options(`127.0.0.1:${address.port}`) };
  const error: unknown = await send(BASE, given).catch((thrown: unknown) => thrown);
  assert.ok(isSmtpError(error), String(error));
  if (error.phase === "input") {
    assert.deepEqual(requests, []);
    return undefined;
  }
  assert.equal(error.code, "connect", error.message);
  assert.equal(requests.length, 1);
  return requests[0];
}

/** One line that asks, and fields of these names only. */
function judge(request: string | undefined, credentials?: string): "refused" | "sent" {
  if (request === undefined) return "refused";
  const [line = "", ...fields] = request.slice(0, -4).split("\r\n");
  assert.match(line, /^CONNECT (?:[\w.-]+|\[[\dA-Fa-f:.%]+\]):\d+ HTTP\/1\.1$/);
  const names = fields.map((field) => field.split(":", 1)[0]?.toLowerCase() ?? "");
  const allowed = ["host", "connection", "proxy-connection", "proxy-authorization", "user-agent"];
  assert.deepEqual(
    names.filter((name) => !allowed.includes(name)),
    [],
    request,
  );
  assert.equal(new Set(names).size, names.length, request);
  const basic = /^proxy-authorization: Basic (\S+)$/im.exec(request.replaceAll("\r", ""))?.[1];
  if (credentials !== undefined) assert.equal(Buffer.from(basic ?? "", "base64").toString(), credentials);
  return "sent";
}

const FIELDS: readonly (readonly [
  string,
  string,
  (text: string) => (place: string) => object,
  (text: string) => string | undefined,
])[] = [
  [
    "the name of the server",
    "server.example",
    (text) => (place) => ({ hostname: text, proxy: `http://${place}` }),
    () => undefined,
  ],
  [
    "the user name",
    "ann",
    (text) => (place) => ({ proxy: `http://${escaped(text)}:pw@${place}` }),
    (text) => `${wellFormed(text)}:pw`,
  ],
  [
    "the password",
    "secret",
    (text) => (place) => ({ proxy: `http://ann:${escaped(text)}@${place}` }),
    (text) => `ann:${wellFormed(text)}`,
  ],
];

/** encodeURIComponent takes no lone surrogates. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
const escaped = (text: string): string => encodeURIComponent(wellFormed(text));

for (const [name, usual, options, credentials] of FIELDS) {
  test(`a proxy gets one request, whatever ${name} is`, async (context) => {
    assert.equal(judge(await asked(options(usual)), credentials(usual)), "sent");
    const counts = { refused: 0, sent: 0 };
    for (const { text } of thrownAgain(usual)) counts[judge(await asked(options(text)), credentials(text))]++;
    context.diagnostic(
      `${counts.refused + counts.sent} strings: ${counts.refused} refused, ${counts.sent} sent as they are`,
    );
  });
}
