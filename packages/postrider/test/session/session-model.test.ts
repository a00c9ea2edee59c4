/** A session against servers that behave at random: every message is settled once, and what is told of it is true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBareAddress } from "../../src/address/parser.js";
import { SmtpError } from "../../src/errors/errors.js";
import type { Accepted } from "../../src/result.js";
import type { Envelope } from "../../src/session/envelope.js";
import type { Transaction } from "../../src/session/transaction.js";
import { judge, judgeInterrupted } from "../../src/session/verdict.js";
import { fc } from "../support/property.js";
import { type Behaviour, Dice, ModelServer } from "./model-server.js";
import { Driver, message, streamed } from "./session-driver.js";

interface Plan {
  readonly name: string;
  readonly recipients: number;
  /** Chunks; one that is not streamed has them joined. */
  readonly chunks: readonly string[];
  readonly isStreamed: boolean;
}

interface Mail extends Plan {
  readonly transaction: Transaction;
}

const CHUNKS = ["a line\r\n", ".\r\n", "..dots\r\n", ".leading\r\n", `${"x".repeat(70_000)}\r\n`, "\r\n"];

const plans: fc.Arbitrary<readonly Plan[]> = fc
  .array(
    fc.record({
      recipients: fc.integer({ min: 1, max: 3 }),
      chunks: fc.array(fc.constantFrom(...CHUNKS), { maxLength: 4 }),
      isStreamed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) => list.map((plan, index) => ({ ...plan, name: `m${index}-` })));

/** A server, and what the client knows of it beforehand. */
type Known = Behaviour & { readonly behind: "untried" | "works" };

const behaviours: fc.Arbitrary<Known> = fc.record({
  offers: fc.subarray(["PIPELINING", "CHUNKING"]),
  isLmtp: fc.boolean(),
  knowsBdat: fc.boolean(),
  refusals: fc.constantFrom(0, 10, 40),
  goodbyes: fc.constantFrom(0, 0, 3),
  behind: fc.constantFrom("untried" as const, "works" as const),
});

const rolls = fc.array(fc.nat({ max: 99 }), { maxLength: 300, size: "max" });

class Play {
  readonly driver: Driver;
  readonly server: ModelServer;
  readonly mails: readonly Mail[];
  readonly #dice: Dice;
  readonly #pours = new Map<Transaction, string[]>();
  #begun = 0;
  #seen = 0;

  constructor(plan: readonly Plan[], behaviour: Known, serverRolls: readonly number[], ownRolls: readonly number[]) {
    this.#dice = new Dice(ownRolls);
    this.server = new ModelServer(behaviour, new Dice(serverRolls));
    this.driver = new Driver({ isLmtp: behaviour.isLmtp, behind: behaviour.behind, chunking: "untried" });
    this.mails = plan.map((one) => ({
      ...one,
      transaction: one.isStreamed
        ? streamed(one.name, one.recipients)
        : message(one.name, one.recipients, one.chunks.join("")),
    }));
    this.driver.command("EHLO");
  }

  /** Until nothing can move any more. */
  run(): void {
    for (let idle = 0; idle < 3; ) {
      idle = this.#move() ? 0 : idle + 1;
      this.#flush();
    }
    if (this.server.isClosed) this.driver.session.end(false);
  }

  #move(): boolean {
    const choice = this.#dice.roll();
    if (choice % 3 === 0 && this.#begin()) return true;
    if (choice % 3 === 1 && this.#pour()) return true;
    return this.#hear() || this.#begin() || this.#pour();
  }

  #flush(): void {
    const written = this.driver.write().join("");
    if (written !== "") this.server.receive(written);
    for (const event of this.driver.events.slice(this.#seen)) {
      if (event.type !== "pull") continue;
      const mail = this.mails.find((one) => one.transaction === event.transaction);
      this.#pours.set(event.transaction, [...(mail?.chunks ?? [])]);
    }
    this.#seen = this.driver.events.length;
  }

  #begin(): boolean {
    const mail = this.mails[this.#begun];
    if (mail === undefined) return false;
    this.#begun++;
    if (this.#dice.chance(15)) this.driver.command("NOOP", `NOOP ${mail.name}`);
    this.driver.session.enqueue({ kind: "transaction", transaction: mail.transaction });
    if (this.#begun === this.mails.length && this.#dice.chance(50)) this.driver.command("QUIT");
    return true;
  }

  #hear(): boolean {
    if (this.server.pending === 0) return false;
    const length = this.#dice.chance(70) ? 1 + this.#dice.roll() : this.server.pending;
    const text = this.server.take(length);
    this.server.receive(this.driver.hearBytes(text).join(""));
    return true;
  }

  #pour(): boolean {
    for (const [transaction, chunks] of this.#pours) {
      const chunk = chunks.shift();
      if (chunk === undefined) {
        this.driver.session.finishPouring(transaction);
        this.#pours.delete(transaction);
      } else if (!this.driver.session.pour(transaction, Buffer.from(chunk, "latin1"))) {
        this.#pours.delete(transaction);
      }
      return true;
    }
    return false;
  }
}

function envelopeOf({ name, recipients }: Plan): Envelope {
  return {
    sender: parseBareAddress(`${name}@s`, "sender"),
    recipients: Array.from({ length: recipients }, (_, index) => ({
      ...parseBareAddress(`${name}${index + 1}@r`, "recipients"),
      parameters: [],
    })),
    mailParameters: [],
    rcptParameters: [],
  };
}

/** Every reply names the command that it answers. */
function checkPairing({ name, transaction }: Mail): void {
  const marks: [string, string | undefined][] = [
    [`MAIL ${name}`, transaction.mailReply?.lines[0]],
    [`DATA ${name}`, transaction.dataReply?.lines[0]],
  ];
  transaction.recipientReplies.forEach((reply, index) => {
    marks.push([`RCPT ${name}${index + 1}@r`, reply?.lines[0]]);
  });
  for (const reply of transaction.contentReplies) marks.push([`content ${name}`, reply.lines[0]]);
  for (const [mark, text] of marks) if (text !== undefined) assert.equal(text, mark);
}

function checkDelivery(mail: Mail, server: ModelServer, verdict: Accepted | SmtpError, isOver: boolean): void {
  const copies = server.delivered.filter((one) => one.name === mail.name);
  if (verdict instanceof SmtpError) {
    const mayBeThere = !isOver && verdict.outcome === "unknown";
    assert.ok(copies.length <= (mayBeThere ? 1 : 0), `${mail.name} is ${verdict.outcome} and was delivered`);
    return;
  }
  assert.equal(copies.length, 1, `${mail.name} is delivered once`);
  assert.deepEqual(copies[0]?.recipients, verdict.accepted);
  assert.equal(copies[0]?.content, mail.chunks.join(""));
}

function checkMail(mail: Mail, play: Play, isLmtp: boolean): void {
  const { driver, server } = play;
  const times = driver.settled.filter((one) => one === mail.transaction).length;
  assert.ok(times <= 1, "settled once");
  checkPairing(mail);
  if (times === 1) {
    checkDelivery(mail, server, judge(mail.transaction, envelopeOf(mail), isLmtp), true);
    return;
  }
  const { session } = driver;
  assert.ok(
    session.state === "closed" || session.state === "closing",
    `${mail.name} is not settled in the state ${session.state}`,
  );
  const refusal = judgeInterrupted(mail.transaction, envelopeOf(mail));
  const copies = server.delivered.filter((one) => one.name === mail.name).length;
  assert.ok(
    copies <= (refusal === undefined && mail.transaction.outcome === "unknown" ? 1 : 0),
    "what is told is true",
  );
}

test("whatever a server answers, each message is settled once, with its own replies, and what is told of it is true", () => {
  fc.assert(
    fc.property(plans, behaviours, rolls, rolls, (plan, behaviour, serverRolls, ownRolls) => {
      const play = new Play(plan, behaviour, serverRolls, ownRolls);
      play.run();
      // A server that denies BDAT has been left, and what it did not take goes elsewhere.
      const isDenied = play.driver.fault?.kind === "refuted" && !behaviour.knowsBdat;
      if (!isDenied) assert.equal(play.driver.fault, undefined);
      for (const mail of play.mails) checkMail(mail, play, behaviour.isLmtp);
      const isWhole = behaviour.goodbyes === 0 && !isDenied;
      if (isWhole) assert.equal(play.driver.settled.length, play.mails.length, "nothing is left over");
      assert.equal(play.driver.session.awaiting === undefined || !isWhole, true, "nothing is awaited");
    }),
    { numRuns: 1500 },
  );
});

test("whatever bytes a server sends, the session throws nothing and settles no message twice", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "250 ok",
      "250-more",
      "354 go",
      "421 bye",
      "550 no",
      "502 what",
      "334 eA==",
      "220 hi",
      "235 ok",
      "",
    ),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  fc.assert(
    fc.property(plans, behaviours, fc.array(line, { maxLength: 40 }), (plan, behaviour, replies) => {
      const play = new Play(plan, behaviour, [], []);
      for (const { transaction } of play.mails) play.driver.session.enqueue({ kind: "transaction", transaction });
      for (const reply of [
        "220 hi",
        "250-x",
        ...behaviour.offers.map((offer) => `250-${offer}`),
        "250 x",
        ...replies,
      ]) {
        play.driver.hearBytes(`${reply}\r\n`);
        for (const event of play.driver.events) {
          if (event.type === "pull") play.driver.pour(event.transaction, ["a\r\n"]);
        }
      }
      assert.equal(new Set(play.driver.settled).size, play.driver.settled.length);
    }),
  );
});
