// @ts-check
/**
 * Results as a table and a chart: printed, and kept under bench/results.
 *
 * Layer: bench.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD, ROOT } from "../../scripts/workspace/root.mjs";
import { drawChart } from "./chart.mjs";
import { describeMachine, today } from "./machine.mjs";
import { formatNumber } from "./statistics.mjs";

/**
 * @typedef {import("./contest.mjs").HeatResult} HeatResult
 * @typedef {import("./contest.mjs").Standing} Standing
 * @typedef {import("./settings.mjs").Settings} Settings
 */

/**
 * A figure that is to be reached.
 * @typedef {object} Goal
 * @property {string} heat
 * @property {string} contender
 * @property {string} against Another contender of the heat.
 * @property {number} atLeast How many times the other's value.
 */

/**
 * @typedef {object} Results
 * @property {string} name Name of the files.
 * @property {string} title
 * @property {string} unit
 * @property {string} method What was done, in a few sentences.
 * @property {readonly string[]} versions Of everything that took part.
 * @property {readonly HeatResult[]} heats
 * @property {readonly Goal[]} [goals]
 * @property {readonly string[]} [findings] Goals that are no ratios, judged already.
 * @property {readonly string[]} [extra] Further parts, in Markdown.
 * @property {readonly string[]} [skipped] What did not run, and why.
 */

/** Contenders that all others are compared with, in this order. */
const MARKS = ["nodemailer", "floor"];

/**
 * @param {Results} results
 * @param {Settings} settings
 */
export function report(results, settings) {
  const text = markdown(results, settings);
  const folder = settings.quick ? join(BUILD, "bench") : join(ROOT, "bench", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${results.name}.md`), text);
  writeFileSync(join(folder, `${results.name}.svg`), drawChart(results));
  console.log(`\n${text}`);
}

/**
 * @param {Results} results
 * @param {Settings} settings
 * @returns {string}
 */
function markdown(results, settings) {
  const parts = [
    `# ${results.title}`,
    `${results.method} ${roundsSentence(settings)}`,
    `${today()}: ${describeMachine()}. ${results.versions.join(", ")}.`,
    `![${results.title}](${results.name}.svg)`,
    ...results.heats.flatMap((heat) => [`## ${heat.name}`, table(heat, results.unit)]),
    ...(results.extra ?? []),
  ];
  const ratios = (results.goals ?? []).map((goal) => goalLine(goal, results.heats));
  const goals = [...ratios, ...(results.findings ?? []).map((line) => `- ${line}`)];
  if (goals.length > 0) parts.push("## Goals", goals.join("\n"));
  if (results.skipped !== undefined && results.skipped.length > 0) {
    parts.push("## Not measured", results.skipped.map((line) => `- ${line}`).join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}

/** @param {Settings} settings */
function roundsSentence({ rounds, quick }) {
  const kind = quick ? "A quick run: rough numbers. " : "";
  return `${kind}Contenders in turn, each run in a process of its own; median of ${rounds} ${rounds === 1 ? "round" : "rounds"}.`;
}

/**
 * @param {HeatResult} heat
 * @param {string} unit
 */
function table({ standings }, unit) {
  const marks = MARKS.flatMap((name) => standings.find((one) => one.name === name) ?? []);
  const hasCpu = standings.some(({ cpu }) => Number.isFinite(cpu));
  const hasMemory = standings.some(({ memory }) => Number.isFinite(memory));
  const head = ["", unit, "lowest to highest", ...marks.map(({ name }) => `x ${name}`)];
  if (hasCpu) head.push("CPU, µs a message");
  if (hasMemory) head.push("peak memory, MiB");
  const rows = standings.map((one) => {
    const row = [one.name, formatNumber(one.value), `${formatNumber(one.lowest)} to ${formatNumber(one.highest)}`];
    for (const mark of marks) row.push((one.value / mark.value).toFixed(2));
    if (hasCpu) row.push(formatNumber(one.cpu));
    if (hasMemory) row.push(formatNumber(one.memory));
    return row;
  });
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/**
 * @param {Goal} goal
 * @param {readonly HeatResult[]} heats
 */
function goalLine({ heat, contender, against, atLeast }, heats) {
  const standings = heats.find(({ name }) => name === heat)?.standings ?? [];
  const value = (/** @type {string} */ name) => standings.find((one) => one.name === name)?.value;
  const [own, other] = [value(contender), value(against)];
  const wanted = `${heat}: ${contender} at least ${atLeast} times ${against}`;
  if (own === undefined || other === undefined) return `- not measured: ${wanted}`;
  return `- ${own / other >= atLeast ? "reached" : "missed"}: ${wanted}; it is ${(own / other).toFixed(2)} times`;
}
