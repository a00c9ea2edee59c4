// @ts-check
/**
 * docs/state-machine.md and docs/outbox-states.md, made from the state tables of the library and of the outbox as they were built and
 * from the words beside their names.
 *
 * Layer: scripts. Needs both packages built.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outboxStatesModule, stateModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

/** Path of the page, from the root. */
export const STATE_MACHINE = "docs/state-machine.md";

const SOURCE = "packages/postrider/src/session/state.ts";

/** @typedef {Readonly<Record<string, Readonly<Record<string, string>>>>} Transitions */

/**
 * @typedef {object} Table One state table, ready to be printed.
 * @property {string} title
 * @property {string} about what its states are states of
 * @property {Transitions} transitions
 * @property {ReadonlyMap<string, string>} states what each state means
 * @property {ReadonlyMap<string, string>} events what each event means
 * @property {Readonly<Record<string, string>>} [writes] what may be written in each state
 */

/** @returns {Promise<string>} The page as it should be. */
export async function stateMachinePage() {
  const { TRANSITIONS, WINDOW } = await stateModule();
  const source = readFileSync(join(ROOT, SOURCE), "utf8");
  const rows = Object.entries(WINDOW);
  return renderPage([
    {
      title: "The session",
      about:
        "What the server has confirmed. An event that a state does not list breaks the protocol: the session ends.",
      transitions: TRANSITIONS,
      states: meanings(source, "State"),
      events: meanings(source, "SessionEvent"),
    },
    {
      title: "The window",
      about:
        "How much of the current message has been written, and what may be written next. An event that a state does not " +
        "list is a fault of the library: it throws.",
      transitions: Object.fromEntries(rows.map(([state, { next }]) => [state, next])),
      states: meanings(source, "WindowState"),
      events: meanings(source, "WindowEvent"),
      writes: Object.fromEntries(rows.map(([state, { writes }]) => [state, writes])),
    },
  ]);
}

/** Path of the page about recipients in the outbox, from the root. */
export const OUTBOX_STATES = "docs/outbox-states.md";

const OUTBOX_SOURCE = "packages/outbox/src/states.ts";

/** @returns {Promise<string>} The page as it should be. */
export async function outboxStatesPage() {
  const { RECIPIENT_TRANSITIONS } = await outboxStatesModule();
  const source = readFileSync(join(ROOT, OUTBOX_SOURCE), "utf8");
  return [
    "<!-- Made by `npm run docs`; changes belong in the table of the source. -->",
    "# Outbox states: the life of a recipient",
    "",
    `Made from the table in [${OUTBOX_SOURCE}](../${OUTBOX_SOURCE}). [Never lose a mail](guide/21-never-lose-a-mail.md) is the guide.`,
    "",
    ...renderTable({
      title: "The recipient",
      about: "The state of one recipient of one message. An event that a state does not list cannot happen in it.",
      transitions: RECIPIENT_TRANSITIONS,
      states: meanings(source, "RecipientState"),
      events: meanings(source, "RecipientEvent"),
    }),
  ].join("\n");
}

/** @param {readonly Table[]} tables */
function renderPage(tables) {
  return [
    "<!-- Made by `npm run docs`; changes belong in the tables of the source. -->",
    "# State machine: the life of a session",
    "",
    "Two tables hold the state of a session: what the server has confirmed, and what the client has written. With pipelining they",
    "differ: commands for several messages may be on their way while the server has confirmed none. Both are in",
    `[${SOURCE}](../${SOURCE}).`,
    "",
    ...tables.flatMap((table) => renderTable(table)),
  ].join("\n");
}

/**
 * One section of the page: diagram, states, events and transitions.
 * @param {Table} table
 * @returns {readonly string[]}
 */
export function renderTable({ title, about, transitions, states: meaning, events: eventMeaning, writes }) {
  const states = Object.keys(transitions);
  const events = [...new Set(states.flatMap((state) => Object.keys(transitions[state] ?? {})))];
  return [
    `## ${title}`,
    "",
    about,
    "",
    "```mermaid",
    "stateDiagram-v2",
    ...states
      .filter((state) => identifier(state) !== state)
      .map((state) => `  state "${state}" as ${identifier(state)}`),
    `  [*] --> ${identifier(states[0] ?? "")}`,
    ...states.flatMap((state) => arrows(state, transitions[state] ?? {})),
    ...states
      .filter((state) => Object.keys(transitions[state] ?? {}).length === 0)
      .map((state) => `  ${identifier(state)} --> [*]`),
    "```",
    "",
    writes === undefined ? "| state | |" : "| state | what was written | what may be written |",
    writes === undefined ? "|---|---|" : "|---|---|---|",
    ...states.map((state) => row([state, meaning.get(state), ...(writes === undefined ? [] : [writes[state]])])),
    "",
    "| event | |",
    "|---|---|",
    ...events.map((event) => row([event, eventMeaning.get(event)])),
    "",
    row(["", ...states]),
    `|---|${"---|".repeat(states.length)}`,
    ...events.map((event) => row([`**${event}**`, ...states.map((state) => transitions[state]?.[event])])),
    "",
  ];
}

/**
 * The comment above each name of a union of literals.
 * @param {string} source
 * @param {string} type name of the union
 * @returns {Map<string, string>}
 */
export function meanings(source, type) {
  const [, union = ""] = new RegExp(`export type ${type} =\\n(.*?);\\n\\n`, "s").exec(`${source}\n\n`) ?? [];
  const rows = union.matchAll(/\/\*\* ([^\n]*?) \*\/\n\s*\| "([\w-]+)"/g);
  return new Map([...rows].map(([, text = "", name = ""]) => [name, text]));
}

/**
 * Events that lead the same way share an arrow.
 * @param {string} state
 * @param {Readonly<Record<string, string>>} row
 */
function arrows(state, row) {
  return [...new Set(Object.values(row))].map((target) => {
    const events = Object.keys(row).filter((event) => row[event] === target);
    return `  ${identifier(state)} --> ${identifier(target)}: ${events.join(", ")}`;
  });
}

/**
 * QUIRK: an identifier of a Mermaid state diagram has no hyphen.
 * @param {string} state
 */
function identifier(state) {
  return state.replaceAll("-", "_");
}

/** @param {readonly (string | undefined)[]} cells */
function row(cells) {
  return `| ${cells.map((cell) => (cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
}
