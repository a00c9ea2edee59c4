/**
 * The content on the wire, whatever its line ends, dots and pieces.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { SmtpClient, SmtpError, SmtpNotSupportedError, send } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { all, bytes } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects } from "../support/settle.js";

for (const [what, body, wire] of [
  ["every kind of line end", "A\n.dot\nC\rD", "A\r\n..dot\r\nC\r\nD\r\n"],
  ["no final line end", "a", "a\r\n"],
  ["CRLF at the end", "a\r\n", "a\r\n"],
  ["LF at the end", "a\n", "a\r\n"],
  ["CR at the end", "a\r", "a\r\n"],
  ["an empty line at the end", "a\r\n\r\n", "a\r\n\r\n"],
  ["nothing", "", ""],
  ["a dot first", ".a\r\n", "..a\r\n"],
  ["a lone dot", ".", "..\r\n"],
  ["CR CR LF", "a\r\r\nb", "a\r\n\r\nb\r\n"],
  ["smuggling by LF dot LF", "a\n.\nb\n", "a\r\n..\r\nb\r\n"],
  ["smuggling by CR dot CR", "a\r.\rb\r", "a\r\n..\r\nb\r\n"],
  ["smuggling by LF dot CRLF", "a\n.\r\nMAIL FROM:<x>\r\n", "a\r\n..\r\nMAIL FROM:<x>\r\n"],
  ["smuggling by CR CRLF dot CR CRLF", "a\r\r\n.\r\r\nb", "a\r\n\r\n..\r\n\r\nb\r\n"],
] as const) {
  acceptance(`a body with ${what} arrives with CRLF and its dots doubled`, async () => {
    await using server = await ScriptedServer.start();
    await using client = await SmtpClient.connect(plain(server));
    const inputs = [
      () => body,
      () => Buffer.from(body),
      () => Readable.from([Buffer.from(body)]),
      () => Readable.from(Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte))),
      () => new Blob([body]).stream(),
    ];
    for (const input of inputs) await client.send(input(), ENVELOPE);
    assert.equal(server.messages.length, inputs.length);
    for (const [index, message] of server.messages.entries()) {
      assert.equal(message.raw.toString(), wire, `input ${index}`);
    }
  });
}

const SMUGGLING = "a\r\n.\r\nMAIL FROM:<x>\r\n";

acceptance("a body that holds the end of a body is one message, cut wherever", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await client.send(SMUGGLING, ENVELOPE);
  const data = Buffer.from(SMUGGLING);
  for (let at = 0; at <= data.length; at += 1) {
    await client.send(Readable.from([data.subarray(0, at), data.subarray(at)]), ENVELOPE);
  }
  assert.equal(server.messages.length, data.length + 2);
  for (const message of server.messages) assert.equal(message.raw.toString(), "a\r\n..\r\nMAIL FROM:<x>\r\n");
  assert.ok(!server.lines.includes("MAIL FROM:<x>"));
});

/** A stream that gives so many bytes and then does as it is told. */
async function* giving(bytes: number, last: () => Promise<void>): AsyncGenerator<Uint8Array> {
  const line = Buffer.from(`${"x".repeat(78)}\r\n`);
  for (let given = 0; given < bytes; given += line.length) yield line;
  await last();
}

for (const size of [0, 100, 1_000_000]) {
  acceptance(
    `a stream that breaks after ${size} bytes delivers nothing, and leaves a clean session or none`,
    async () => {
      await using server = await ScriptedServer.start();
      const client = await SmtpClient.connect(plain(server));
      const cause = new Error("the disk is gone");
      const error = await rejection(
        client.send(
          giving(size, () => Promise.reject(cause)),
          ENVELOPE,
        ),
      );
      assert.ok(error === cause || error.cause === cause, String(error));
      const connection = await server.connection();
      if (connection.verbs.includes("DATA")) await closed(client, connection);
      else await client.send("next\r\n", ENVELOPE);
      assert.deepEqual(
        server.messages.map((message) => message.text).filter((text) => text !== "next\r\n"),
        [],
      );
      client.close();
    },
  );
}

acceptance("large attachments arrive as they are, several at a time, over every kind of transport", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 9)) & 0xff));
  const one = (size: number): AsyncIterable<Uint8Array> =>
    (async function* () {
      // One buffer for all chunks, as producers have it.
      const chunk = Buffer.alloc(size);
      for (let at = 0; at < bytes.length; at += size) yield chunk.subarray(0, bytes.copy(chunk, 0, at, at + size));
    })();
  for (const extensions of [[], ["PIPELINING", "CHUNKING"]]) {
    await using server = await ScriptedServer.start({ extensions });
    const options = plain(server);
    const own = { ...options, hostname: undefined, port: undefined, socket: () => connect(server.address.port) };
    const sizes = [1000, 50_000, 65_536, 300_000];
    await Promise.all(
      sizes.flatMap((size) =>
        [options, own].map((way) =>
          send({ from: "a@x.example", to: "b@y.example", attachments: [{ content: one(size), filename: "a" }] }, way),
        ),
      ),
    );
    assert.equal(server.messages.length, 2 * sizes.length);
    for (const { text } of server.messages) {
      const [, encoded = ""] = /filename=\S+\r\n\r\n([\s\S]*?)\r\n(?:--|$)/.exec(text) ?? [];
      assert.ok(Buffer.from(encoded, "base64").equals(bytes));
    }
  }
});

acceptance("a stream that is refused is asked to stop", async () => {
  for (const verb of ["MAIL", "RCPT", "DATA"]) {
    for (const size of [100, 1_000_000]) {
      await using server = await ScriptedServer.start({ replies: { [verb]: "550 no" } });
      await using client = await SmtpClient.connect(plain(server));
      let isOver = false;
      const source = giving(size, async () => {});
      const watched: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            const next = await source.next();
            isOver ||= next.done === true;
            return next;
          },
          return: async () => {
            isOver = true;
            return source.return(undefined);
          },
        }),
      };
      const error = await rejection(client.send(watched, ENVELOPE));
      assert.ok(error instanceof SmtpError, String(error));
      await turn();
      assert.equal(isOver, true, `${verb} ${size}`);
      assert.equal(server.messages.length, 0);
    }
  }
});

acceptance("a large stream arrives whole", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  const line = Buffer.from(`${"x".repeat(70)}\r\n.${"y".repeat(50)}\n`);
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < 20_000; index += 1) yield line;
  }
  await send(large(), { ...ENVELOPE, ...plain(server) });
  const expected = Buffer.from(`${"x".repeat(70)}\r\n..${"y".repeat(50)}\r\n`);
  const raw = server.messages[0]?.raw ?? Buffer.alloc(0);
  assert.equal(raw.length, expected.length * 20_000);
  assert.ok(raw.subarray(-expected.length).equals(expected));
});

acceptance("what the caller gave is unchanged", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE", "DSN", "8BITMIME"] });
  const options = deepFreeze({
    ...plain(server),
    sender: "a@x.example",
    recipients: ["b@y.example", { address: "c@y.example", notify: ["failure"] as const }],
    mailOptions: ["X-A=1"],
    rcptOptions: ["X-B=2"],
    dsn: { return: "full" as const },
  });
  const message = deepFreeze({
    from: { name: "A", address: "a@x.example" },
    to: ["b@y.example"],
    bcc: "d@y.example",
    subject: "s",
    text: "t",
    attachments: [{ content: "x", filename: "x.txt" }],
  });
  const before = JSON.stringify([options, message]);
  const content = Buffer.from("one\n.two\n");
  const copy = Buffer.from(content);
  await send(message, options);
  await send(content, options);
  assert.equal(JSON.stringify([options, message]), before);
  assert.deepEqual(content, copy);
});

acceptance("SMTPUTF8 asked for and not offered is an error before MAIL", async () => {
  await using server = await ScriptedServer.start({ extensions: ["8BITMIME"] });
  await using client = await SmtpClient.connect(plain(server));
  for (const parameter of ["SMTPUTF8", "smtputf8"]) {
    const error = await rejects(client.send(TEXT, { ...ENVELOPE, mailOptions: [parameter] }), SmtpNotSupportedError);
    assert.equal(error.extension, "SMTPUTF8");
  }
  assert.ok(!server.verbs.includes("MAIL"));
  assert.equal((await client.send(TEXT, ENVELOPE)).accepted.length, 1);
});

acceptance("SMTPUTF8 and BODY asked for and offered go out once", async () => {
  await using server = await ScriptedServer.start({ extensions: ["8BITMIME", "SMTPUTF8"] });
  await send("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n", {
    ...ENVELOPE,
    ...plain(server),
    mailOptions: ["SMTPUTF8", "BODY=8BITMIME"],
  });
  const mail = server.lines.find((line) => line.startsWith("MAIL")) ?? "";
  assert.equal(mail.match(/SMTPUTF8/g)?.length, 1, mail);
  assert.equal(mail.match(/BODY=8BITMIME/g)?.length, 1, mail);
});

acceptance("F: a reply in two segments after the content is one reply", async () => {
  await using server = await ScriptedServer.start({
    replies: { CONTENT: all(bytes("250-2.0.0 que"), bytes("ued\r\n250 2.0", ".0 as 5\r\n")) },
  });
  const result = await send(TEXT, { ...ENVELOPE, ...plain(server) });
  assert.deepEqual(result.reply.lines, ["2.0.0 queued", "2.0.0 as 5"]);
});

acceptance("the result tells the bytes of the message, without the doubled dots", async () => {
  await using server = await ScriptedServer.start();
  const long = ".line\n".repeat(20_000);
  const cases = [
    ["a\n.b", "a\r\n.b\r\n".length],
    [Readable.from([Buffer.from("a\n.b\n")]), "a\r\n.b\r\n".length],
    [Readable.from([Buffer.from(long)]), ".line\r\n".length * 20_000],
  ] as const;
  for (const [message, size] of cases) {
    assert.equal((await send(message, { ...ENVELOPE, ...plain(server) })).size, size);
  }
});

for (const extensions of [["PIPELINING"], ["PIPELINING", "CHUNKING"], ["PIPELINING", "LIMITS RCPTMAX=1"]]) {
  acceptance(`the result tells the extensions and the times, with ${extensions.join(", ")}`, async () => {
    await using server = await ScriptedServer.start({ extensions });
    await using client = await SmtpClient.connect(plain(server));
    const recipients = ["b@y.example", "c@y.example"];
    const content = Readable.from([Buffer.from("a\n"), Buffer.from("b\n")]);
    for (const message of [TEXT, content] as const) {
      const result = await client.send(message, { ...ENVELOPE, recipients });
      assert.deepEqual([...result.extensions.keys()], [...client.extensions.keys()]);
      assert.equal(result.size, message === TEXT ? TEXT.length : 6);
      for (const time of [result.envelopeTime, result.contentTime]) assert.ok(Number.isInteger(time) && time >= 0);
    }
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const one of Object.values(value)) deepFreeze(one);
    Object.freeze(value);
  }
  return value;
}
