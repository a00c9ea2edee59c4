/**
 * Every way to hand in content, at every moment at which it or its send can fail: the call rejects once, with an error of ours, and the
 * caller's stream is stopped and never unheard.
 */
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import {
  EmailMessage,
  fileAttachment,
  isSmtpError,
  type MessageInput,
  MimeMultipart,
  MimePart,
  type SendOptions,
  SmtpClient,
  SmtpPool,
  send,
} from "../../src/index.js";
import { plain, TEXT } from "../support/plain-client.js";
import { silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, soon } from "../support/settle.js";

/** A producer, and how to see that it was stopped. */
interface Produced {
  readonly content: unknown;
  readonly isStopped: () => boolean;
}

/** Streams that give one chunk and then nothing, for ever. */
const ENDLESS: Readonly<Record<string, () => Produced>> = {
  "Node stream": () => {
    const content = new Readable({ read: () => undefined });
    content.push(Buffer.from("Subject: a\r\n"));
    return { content, isStopped: () => content.destroyed };
  },
  "file stream": () => {
    const content = createReadStream(import.meta.filename, { highWaterMark: 16 });
    return { content, isStopped: () => content.destroyed };
  },
  "web stream": () => {
    let isStopped = false;
    const content = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from("Subject: a\r\n")),
      cancel: () => {
        isStopped = true;
      },
    });
    return { content, isStopped: () => isStopped };
  },
  Response: () => {
    let isStopped = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        isStopped = true;
      },
    });
    return { content: new Response(body), isStopped: () => isStopped };
  },
};

/** Producers that fail: at once, some turns later, or when they are read. */
const FAILING: Readonly<Record<string, () => unknown>> = {
  "file stream": () => createReadStream("./no-such-file.eml"),
  "Node stream": () =>
    new Readable({
      read() {
        this.destroy(new Error("disk"));
      },
    }),
  "Node stream that fails by itself": () => {
    const stream = new Readable({ read: () => undefined });
    setImmediate(() => stream.destroy(new Error("disk")));
    return stream;
  },
  "web stream": () => new ReadableStream({ pull: (controller) => controller.error(new Error("disk")) }),
  "async generator": async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("Subject: a\r\n");
    throw new Error("disk");
  },
  "iterator without manners": () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => {
        throw new Error("disk");
      },
      return: () => {
        throw new Error("and again");
      },
    }),
  }),
  Blob: () => ({
    size: 4,
    type: "",
    arrayBuffer: () => Promise.reject(new Error("disk")),
    stream: () => {
      throw new Error("disk");
    },
  }),
};

const FIELDS = { from: "a@x.example", to: "b@y.example", subject: "Hi" } as const;
const ENVELOPE = { sender: "a@x.example", recipients: ["b@y.example"] } as const;

/** Where content may stand in a message. */
const PLACES: Readonly<Record<string, (content: unknown) => MessageInput>> = {
  "raw message": (content) => content as never,
  attachment: (content) => ({ ...FIELDS, text: "x", attachments: [{ content: content as never }] }),
  "second attachment": (content) => ({
    ...FIELDS,
    attachments: [{ content: "first" }, { filename: "f.bin", content: content as never }],
  }),
  "attachment of an EmailMessage": (content) => new EmailMessage(FIELDS).addAttachment(content as never),
  alternative: (content) =>
    new EmailMessage({ ...FIELDS, text: "x" }).addAlternative(content as never, { contentType: "application/x" }),
  "part of a multipart": (content) => {
    const message = new MimeMultipart("mixed", [new MimePart({ content: content as never })]);
    message.headers.set("From", FIELDS.from);
    return message;
  },
};

function forAll(
  producers: readonly string[],
  body: (producer: string, place: (content: unknown) => MessageInput) => Promise<void>,
): () => Promise<void> {
  return async () => {
    for (const producer of producers) {
      for (const [name, place] of Object.entries(PLACES)) {
        try {
          await body(producer, place);
        } catch (error) {
          throw new Error(`${producer} as ${name}`, { cause: error });
        }
      }
    }
  };
}

/** The error of ours that the send rejects with. */
async function refusal(sending: Promise<unknown>): Promise<{ code: string; outcome: string; cause?: unknown }> {
  const [outcome] = await soon(Promise.allSettled([sending]), "the send settles");
  assert.equal(outcome.status, "rejected");
  assert.ok(isSmtpError(outcome.reason), `an error of ours, not ${String(outcome.reason)}`);
  return outcome.reason;
}

/** Waits for what a stream does late: its file is opened, its error is told. */
async function later(isDone: () => boolean = () => true): Promise<void> {
  const end = performance.now() + 5000;
  for (let turns = 0; turns < 20 || (!isDone() && performance.now() < end); turns++) await turn();
}

const failing = (name: string): unknown => FAILING[name]?.();
const endless = (name: string): Produced => (ENDLESS[name] as () => Produced)();

/** A port of this machine on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

acceptance(
  "content that fails is a MessageError with its cause, and nothing is sent",
  forAll(Object.keys(FAILING), async (name, place) => {
    await using server = await ScriptedServer.start();
    const error = await refusal(send(place(failing(name)), { ...plain(server), ...ENVELOPE }));
    assert.deepEqual([error.code, error.outcome], ["message", "not-sent"]);
    assert.ok(error.cause instanceof Error);
    assert.deepEqual(server.messages, []);
  }),
);

acceptance(
  "content that has failed before it is handed in, or fails while the server is looked for, does too",
  forAll(["file stream", "Node stream that fails by itself"], async (name, place) => {
    const content = failing(name) as Readable;
    content.once("error", () => undefined);
    await later(() => content.destroyed);
    assert.equal(content.destroyed, true);
    const sending = (async () => send(place(content), { hostname: "127.0.0.1", port: 9, ...ENVELOPE }))();
    const error = await refusal(sending);
    assert.deepEqual([error.code, error.outcome], ["message", "not-sent"]);
    assert.ok(error.cause instanceof Error);
  }),
);

const WRONG_OPTIONS: readonly SendOptions[] = [
  { port: 70_000 },
  { hostnam: "x" } as never,
  { recipients: [] },
  { recipients: ["no address"], sender: "a@x.example" },
  { signal: 5 as never },
];

acceptance(
  "with a wrong option the stream is stopped, and its errors are heard",
  forAll(Object.keys(ENDLESS), async (name, place) => {
    for (const options of WRONG_OPTIONS) {
      const { content, isStopped } = endless(name);
      const error = await refusal(send(place(content), options));
      assert.ok(["option", "address"].includes(error.code), error.code);
      await later(isStopped);
      assert.equal(isStopped(), true);
      await refusal(send(place(failing("file stream")), options));
    }
    await later();
  }),
);

acceptance("with a wrong field, wherever it stands, streams are stopped and their errors are heard", async () => {
  for (const name of Object.keys(ENDLESS)) {
    const wrong: readonly ((content: unknown) => unknown)[] = [
      (content) => ({ ...FIELDS, attachments: [{ content }], to: "no address" }),
      (content) => ({ ...FIELDS, attachments: [{ content }], nonsense: 1 }),
      (content) => ({ ...FIELDS, attachments: [{ content }, { content: 5 }] }),
      (content) => ({ ...FIELDS, attachments: [{ content: 5 }, { content }] }),
      (content) => ({ ...FIELDS, attachments: [{ content, filename: "\n" }] }),
      (content) => ({ ...FIELDS, attachments: [content] }),
      (content) => ({ ...FIELDS, attachments: content }),
      (content) => ({ ...FIELDS, attachments: [{ content: [content] }] }),
      (content) => ({ ...FIELDS, subject: 5, html: content }),
      (content) => ({ ...FIELDS, text: content }),
      (content) => ({ ...FIELDS, text: { content } }),
      (content) => ({ ...FIELDS, calendar: { content }, subject: "\n" }),
      (content) => ({
        ...FIELDS,
        attachments: [{ content }],
        get subject(): string {
          throw new Error("getter");
        },
      }),
    ];
    for (const make of wrong) {
      for (const use of [send, (message: never) => Promise.resolve().then(() => new EmailMessage(message))]) {
        const { content, isStopped } = endless(name);
        const error = await refusal(use(make(content) as never));
        assert.ok(["message", "address"].includes(error.code), error.code);
        await later(isStopped);
        assert.equal(isStopped(), true, `${name}: ${make.toString()}`);
        await refusal(use(make(failing("file stream")) as never));
      }
    }
  }
  for (const add of ["setContent", "addAttachment", "addAlternative", "addRelated"] as const) {
    const { content, isStopped } = endless("Node stream");
    assert.throws(() => new EmailMessage()[add](content as never, { filename: "\n" }), { code: "message" });
    assert.equal(isStopped(), true);
    assert.throws(() => new EmailMessage()[add](failing("file stream") as never, { nonsense: 1 } as never));
    assert.throws(() => new MimePart({ content: failing("file stream") as never, nonsense: 1 } as never));
  }
  await later();
});

acceptance("a message that is never sent ends no process", async () => {
  for (const place of Object.values(PLACES).slice(1)) {
    const message = place(failing("file stream"));
    if (!(message instanceof MimePart)) new EmailMessage(message as never);
  }
  await later();
});

acceptance("with a server that is not there the stream is stopped, and its errors are heard", async () => {
  const port = await deadPort();
  await forAll(Object.keys(ENDLESS), async (name, place) => {
    const { content, isStopped } = endless(name);
    const error = await refusal(send(place(content), { hostname: "127.0.0.1", port, ...ENVELOPE }));
    assert.equal(error.code, "connect");
    await later(isStopped);
    assert.equal(isStopped(), true);
    await refusal(send(place(failing("file stream")), { hostname: "127.0.0.1", port, ...ENVELOPE }));
  })();
  await later();
});

acceptance(
  "in a queue that is given up the stream is stopped, and its errors are heard",
  forAll(Object.keys(ENDLESS), async (name, place) => {
    await using server = await ScriptedServer.start({ replies: { MAIL: silence } });
    await using client = await SmtpClient.connect(plain(server));
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
    const first = [client.send(TEXT, ENVELOPE), pool.send(TEXT, ENVELOPE)].map((sending) => refusal(sending));
    const made = [endless(name), endless(name)] as const;
    const waiting = [
      client.send(place(made[0].content), ENVELOPE),
      pool.send(place(made[1].content), ENVELOPE),
      client.send(place(failing("file stream")), ENVELOPE),
      pool.send(place(failing("file stream")), ENVELOPE),
    ].map((sending) => refusal(sending));
    await (await server.connection(1)).saw("MAIL");
    client.close();
    await pool.close({ force: true });
    await Promise.all([...first, ...waiting]);
    await later(() => made.every(({ isStopped }) => isStopped()));
    assert.deepEqual(
      made.map(({ isStopped }) => isStopped()),
      [true, true],
    );
  }),
);

acceptance(
  "an abort while the content is read stops the stream, and its reason stays the reason",
  forAll(["Node stream", "web stream", "Response"], async (name, place) => {
    await using server = await ScriptedServer.start();
    const aborting = new AbortController();
    const reason = new Error("enough");
    const { content, isStopped } = endless(name);
    const sending = send(place(content), { ...plain(server), ...ENVELOPE, signal: aborting.signal });
    const settled = Promise.allSettled([sending]);
    await (await server.connection()).saw("EHLO");
    await later();
    aborting.abort(reason);
    const [outcome] = await soon(settled, "the send settles");
    assert.equal(outcome.status === "rejected" && outcome.reason, reason);
    await later(isStopped);
    assert.equal(isStopped(), true);
  }),
);

acceptance("a stream that fails through the signal of its send leaves the reason of the abort", async () => {
  await using server = await ScriptedServer.start();
  for (const envelopeFromHeaders of [false, true]) {
    const aborting = new AbortController();
    const content = new ReadableStream({
      start: (controller) => aborting.signal.addEventListener("abort", () => controller.error(aborting.signal.reason)),
    });
    const options = envelopeFromHeaders ? { envelopeFromHeaders } : ENVELOPE;
    const sending = send(content, { ...plain(server), ...options, signal: aborting.signal });
    const settled = Promise.allSettled([sending]);
    await later();
    aborting.abort("enough");
    assert.deepEqual(await soon(settled, "the send settles"), [{ status: "rejected", reason: "enough" }]);
  }
});

acceptance("a refusal before the content stops the stream", async () => {
  for (const verb of ["MAIL", "RCPT", "DATA"]) {
    await using server = await ScriptedServer.start({ replies: { [verb]: "550 no" } });
    await forAll(["Node stream", "file stream", "web stream"], async (name, place) => {
      // Longer than what is read ahead.
      const content =
        name === "web stream"
          ? new Blob([Buffer.alloc(300_000)]).stream()
          : Readable.from([Buffer.alloc(300_000), Buffer.alloc(9)]);
      await refusal(send(place(content), { ...plain(server), ...ENVELOPE }));
      if (content instanceof Readable) assert.equal(content.destroyed, true);
    })();
  }
});

acceptance("data() stops its stream too, also when the client is not connected", async () => {
  const { content, isStopped } = endless("Node stream");
  const error = await refusal(new SmtpClient({ hostname: "127.0.0.1" }).data(content as never));
  assert.equal(error.code, "disconnected");
  assert.equal(isStopped(), true);
});

acceptance("a file that is missing, and an opener that fails late, are errors of the send", async () => {
  await using server = await ScriptedServer.start();
  const openers = [
    () => Promise.reject(new Error("disk")),
    () => createReadStream("./no-such-file"),
    async () => createReadStream("./no-such-file"),
  ];
  for (const open of openers) {
    const error = await refusal(send({ ...FIELDS, attachments: [{ content: open }] }, plain(server)));
    assert.deepEqual([error.code, error.outcome], ["message", "not-sent"]);
  }
  const attachments = [fileAttachment("./no-such-file")];
  assert.equal((await refusal(send({ ...FIELDS, attachments }, plain(server)))).code, "message");
});

acceptance("a stream that is over is an error, and never an empty message", async () => {
  await using server = await ScriptedServer.start();
  const read = Readable.from([Buffer.from("x")]);
  for await (const _ of read);
  const destroyed = new Readable({ read: () => undefined }).destroy();
  const used = new Response("x");
  await used.text();
  const locked = new Blob(["x"]).stream();
  locked.getReader();
  for (const place of Object.values(PLACES)) {
    for (const content of [read, destroyed, used, locked, new Response("not found", { status: 404 })]) {
      const error = await refusal((async () => send(place(content), { ...plain(server), ...ENVELOPE }))());
      assert.equal(error.code, "message");
    }
  }
  assert.deepEqual(server.messages, []);
});

acceptance("a stream is stopped when its message is aborted although the iterator hangs in return()", async () => {
  await using server = await ScriptedServer.start();
  const never = (): Promise<never> => new Promise(() => undefined);
  const hanging = (): unknown => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) });
  for (const place of Object.values(PLACES)) {
    const aborting = new AbortController();
    const sending = send(place(hanging()), { ...plain(server), ...ENVELOPE, signal: aborting.signal });
    const settled = Promise.allSettled([sending]);
    await later();
    aborting.abort("enough");
    assert.deepEqual(await soon(settled, "the send settles"), [{ status: "rejected", reason: "enough" }]);
  }
});
