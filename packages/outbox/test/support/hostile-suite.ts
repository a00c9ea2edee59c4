/**
 * Hostile strings in every field and parameter that takes text: each is an error that names the field, or it is kept as it is, means
 * nothing to the database, and reaches no header, no command and no terminal.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isSmtpError } from "postrider";
import { type Outbox, outboxPage } from "../../src/index.js";
import { Clock, type Ground, MAIL, type OpenGround, openOn } from "./ground.js";
import { ScriptedTransport } from "./transport.js";

const NO_SUCH_ID = "00000000-0000-7000-8000-000000000000";

const HOSTILE: readonly string[] = [
  "x\r\nBcc: eve@evil.example",
  "x\nRCPT TO:<eve@evil.example>",
  "a@b.example>\r\nRCPT TO:<eve@evil.example",
  "'; DROP TABLE message; --",
  '" OR 1=1 --',
  "') OR ('1'='1",
  "%",
  "_",
  "? $1 :a @b",
  "\\",
  "{}",
  '{"a":1}',
  "null",
  "__proto__",
  "constructor",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "\u001b[31mred\u0007",
  "\u202egnp.exe",
  "a\0b",
  "a\ud800",
  "\ufeff",
  "\u2028",
  " ",
  "🎈".repeat(60),
];

export function hostileSuite(name: string, open: OpenGround): void {
  describe(name, () => {
    let ground: Ground;
    let outbox: Outbox;
    const transport = new ScriptedTransport();

    before(async () => {
      ground = await open();
      outbox = await openOn(ground, new Clock(), { transport });
    });
    after(async () => {
      await outbox.close();
      await ground.close();
    });

    const list = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
      const all: T[] = [];
      for await (const one of items) all.push(one);
      return all;
    };

    /** The value, or undefined when it was refused by an error that names one of the fields. */
    async function orRefused<T>(fields: readonly string[], run: () => Promise<T>): Promise<T | undefined> {
      try {
        return await run();
      } catch (error) {
        assert(isSmtpError(error), String(error));
        const named = error.code === "option" ? error.option : "field" in error ? String(error.field) : "";
        assert(
          fields.some((field) => named === field || named.startsWith(`${field}.`) || named.startsWith(`${field}[`)),
          `${named} is named: ${error.message}`,
        );
        return undefined;
      }
    }

    /** What the slot holds afterwards; undefined: it was refused. */
    const SLOTS: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
      key: (key) =>
        orRefused(["key"], async () => {
          const { id } = await outbox.enqueue(MAIL, { key });
          const found = await list(outbox.find({ key }));
          assert.deepEqual(
            found.map((one) => one.id),
            [id],
          );
          return found[0]?.key;
        }),
      "the name of a tag": (tag) =>
        orRefused(["tags"], async () => {
          const tags = Object.fromEntries([[tag, "v"]]);
          const { id } = await outbox.enqueue(MAIL, { tags });
          const found = await list(outbox.find({ tag: tags }));
          assert.deepEqual(
            found.map((one) => one.id),
            [id],
          );
          return Object.keys((await outbox.get(id))?.tags ?? {})[0];
        }),
      "the value of a tag": (value) =>
        orRefused(["tags"], async () => {
          const { id } = await outbox.enqueue(MAIL, { tags: { hostile: value } });
          const found = await list(outbox.find({ tag: { hostile: value } }));
          assert.deepEqual(
            found.map((one) => one.id),
            [id],
          );
          return found[0]?.tags["hostile"];
        }),
      "the reason of a pause": (reason) =>
        orRefused(["reason"], async () => {
          await outbox.pause(reason);
          const { paused } = await outbox.stats();
          await outbox.resume();
          return paused?.reason;
        }),
      "the reason of a suppression": (reason) =>
        orRefused(["reason"], async () => {
          await outbox.suppress("bob@example.com", reason);
          const [one] = await list(outbox.suppressions());
          await outbox.unsuppress("bob@example.com");
          return one?.reason;
        }),
      "a domain": (domain) =>
        orRefused(["domain"], async () => {
          assert.deepEqual(await list(outbox.find({ domain })), []);
          return domain;
        }),
      "a recipient to be found": (recipient) =>
        orRefused(["recipient"], async () => {
          assert.deepEqual(await list(outbox.find({ recipient })), []);
          return recipient;
        }),
      "an address to be suppressed": (address) =>
        orRefused(["address"], async () => {
          await outbox.suppress(address);
          await outbox.unsuppress(address);
          return address;
        }),
      "a message's id": (id) => orRefused(["id"], () => outbox.deliver(id)),
      "a recipient to be resolved": (recipient) =>
        orRefused(["recipient"], () => outbox.resolve(NO_SUCH_ID, "sent", recipient)),
      "the place of events": (after) => orRefused(["after"], async () => list(outbox.events({ after }))),
      sender: (sender) => orRefused(["sender"], () => outbox.enqueue(MAIL, { sender })),
      recipients: (recipients) => orRefused(["recipients"], () => outbox.enqueue(MAIL, { recipients })),
      ENVID: (envelopeId) =>
        orRefused(["dsn"], async () => {
          const { id } = await outbox.enqueue(MAIL, { dsn: { envelopeId } });
          await outbox.deliver(id);
          return transport.sent.at(-1)?.options.dsn?.envelopeId;
        }),
      mailOptions: (one) => orRefused(["mailOptions"], () => outbox.enqueue(MAIL, { mailOptions: [one] })),
      rcptOptions: (one) => orRefused(["rcptOptions"], () => outbox.enqueue(MAIL, { rcptOptions: [one] })),
      subject: (subject) =>
        orRefused(["subject"], async () => {
          const { id } = await outbox.enqueue({ ...MAIL, subject });
          const chunks = await list(outbox.content(id));
          const [header = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
          assert(!/^(?:bcc|rcpt)/im.test(header), header);
          return subject;
        }),
    };

    for (const [slot, put] of Object.entries(SLOTS)) {
      test(`in ${slot}: refused by name, or kept as it is`, async () => {
        for (const text of HOSTILE) {
          const kept = await put(text);
          if (typeof kept === "string") assert.equal(kept, text);
        }
      });
    }

    test("all of them together have harmed nothing: the tables are there, and what was enqueued is delivered", async () => {
      const { messages } = await outbox.stats();
      assert(messages.waiting > 20);
      for (const { id, state } of await list(outbox.find({ state: "waiting" }))) {
        assert.equal(state, "waiting");
        assert.equal((await outbox.deliver(id)).state, "delivered");
      }
      for (const { recipients } of transport.sent) assert(!recipients.includes("eve@evil.example"));
    });

    test("the page shows each as text", async () => {
      const page = outboxPage(outbox);
      for (const { id } of await list(outbox.find())) {
        const shown = await (await page(new Request(`https://shop.example.org/?id=${id}`))).text();
        assert(!/<script|<img|\u001b|\u202e|\0/.test(shown), id);
      }
    });
  });
}
