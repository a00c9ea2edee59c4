/** The tables of states and commands, and that a session follows them in each state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pop3Session } from "../../src/pop3/session.js";
import { COMMANDS, type Pop3State, type Pop3Verb, TRANSITIONS } from "../../src/pop3/states.js";
import { Mails, said, sessionOf } from "../support/pop3.js";

/** How a session comes into each state in which it takes commands. */
const WAYS: Readonly<Partial<Record<Pop3State, string>>> = {
  authorization: "",
  transaction: "USER ben\r\nPASS x\r\n",
};
/** A right argument for each command that needs one. */
const ARGUMENTS: Readonly<Partial<Record<Pop3Verb, string>>> = {
  AUTH: " PLAIN AGJlbgB4",
  USER: " ben",
  PASS: " x",
  RETR: " 1",
  TOP: " 1 0",
  DELE: " 1",
};
const VERBS = Object.keys(COMMANDS) as Pop3Verb[];

function sessionIn(way: string): Pop3Session {
  const session = sessionOf(new Mails({ a: "Subject: x\r\n\r\n" }), { startTls: true });
  // PASS needs a USER before it, which changes no state.
  said(session, way === "" ? "USER ben\r\n" : way);
  return session;
}

for (const [state, way] of Object.entries(WAYS) as [Pop3State, string][]) {
  for (const verb of VERBS) {
    const isFor = COMMANDS[verb].states.includes(state);
    test(`${verb} is ${isFor ? "answered" : "refused"} in the ${state} state`, () => {
      const session = sessionIn(way);
      assert.equal(session.state, state);
      const answer = said(session, `${verb.toLowerCase()}${ARGUMENTS[verb] ?? ""}\r\n`);
      if (isFor) return assert.match(answer, /^\+OK /);
      assert.equal(answer, `-ERR ${verb} is not for the ${state.toUpperCase()} state\r\n`);
      assert.equal(session.state, state);
    });
  }
}

test("each state is reached as the table says", () => {
  const events: readonly (readonly [lines: string, state: Pop3State])[] = [
    ["AUTH PLAIN\r\n", "authenticating"],
    ["*\r\n", "authorization"],
    ["AUTH PLAIN AGJlbgB4\r\n", "transaction"],
    ["QUIT\r\n", "closed"],
  ];
  const session = sessionOf(new Mails({}));
  for (const [lines, state] of events) {
    const before = session.state;
    said(session, lines);
    assert.equal(session.state, state);
    // QUIT goes through the update state.
    const next = Object.values(TRANSITIONS[before]);
    assert.ok(next.includes(state) || (next.includes("update") && state === "closed"), `${before} -> ${state}`);
  }
  const secure = sessionOf(new Mails({}), { startTls: true });
  said(secure, "STLS\r\n");
  assert.equal(secure.state, "securing");
  secure.secured();
  assert.equal(secure.state, "authorization");
});

test("nothing is answered while TLS is being set up, and after the end", () => {
  const securing = sessionOf(new Mails({}), { startTls: true });
  assert.match(said(securing, "STLS\r\nCAPA\r\nQUIT\r\n"), /^\+OK [^\n]*\n\+OK Begin the handshake\r\n$/);
  const closed = sessionOf(new Mails({}));
  assert.match(said(closed, "QUIT\r\nCAPA\r\n"), /^\+OK [^\n]*\n\+OK Bye\r\n$/);
});
