// @ts-check
/**
 * docs/state-machine.md, made from the transition table of the library as it was built and from the words beside its names.
 *
 * Layer: scripts. Needs packages/postrider built.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stateModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

/** Path of the page, from the root. */
export const STATE_MACHINE = "docs/state-machine.md";

const SOURCE = "packages/postrider/src/session/state.ts";

/** @typedef {Readonly<Record<string, Readonly<Record<string, string>>>>} Transitions */

/** @returns {Promise<string>} The page as it should be. */
export async function stateMachinePage() {
  const { TRANSITIONS } = await stateModule();
  return renderStateMachine(TRANSITIONS, meanings(readFileSync(join(ROOT, SOURCE), "utf8")));
}

/**
 * @param {Transitions} transitions
 * @param {ReadonlyMap<string, string>} meaning
 */
export function renderStateMachine(transitions, meaning) {
  const states = Object.keys(transitions);
  const events = [...new Set(states.flatMap((state) => Object.keys(transitions[state] ?? {})))];
  return [
    "<!-- Made by `npm run docs`; changes belong in the table of the source. -->",
    "# The life of a session",
    "",
    `Made from the table in [${SOURCE}](../${SOURCE}). An event that a state does not list leaves it as it is.`,
    "",
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${states[0] ?? ""}`,
    ...states.flatMap((state) => arrows(state, transitions[state] ?? {})),
    ...states
      .filter((state) => Object.keys(transitions[state] ?? {}).length === 0)
      .map((state) => `  ${state} --> [*]`),
    "```",
    "",
    "## States",
    "",
    ...glossary("state", states, meaning),
    "",
    "## Events",
    "",
    ...glossary("event", events, meaning),
    "",
    "## Transitions",
    "",
    `| | ${states.join(" | ")} |`,
    `|---|${"---|".repeat(states.length)}`,
    ...events.map(
      (event) => `| **${event}** | ${states.map((state) => transitions[state]?.[event] ?? "").join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

/**
 * The comment above each name of a union of literals.
 * @param {string} source
 * @returns {Map<string, string>}
 */
export function meanings(source) {
  const rows = source.matchAll(/\/\*\* ([^\n]*?) \*\/\n\s*\| "([\w-]+)"/g);
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
    return `  ${state} --> ${target}: ${events.join(", ")}`;
  });
}

/**
 * @param {string} title
 * @param {readonly string[]} names
 * @param {ReadonlyMap<string, string>} meaning
 */
function glossary(title, names, meaning) {
  return [
    `| ${title} | |`,
    "|---|---|",
    ...names.map((name) => `| ${name} | ${(meaning.get(name) ?? "").replaceAll("|", "\\|")} |`),
  ];
}
