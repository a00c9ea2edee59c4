// @ts-check
/**
 * Bars as SVG: one block a heat, one bar a contender, readable on light and on dark pages.
 *
 * Layer: bench.
 */

import { formatNumber } from "./statistics.mjs";

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit
 * @property {readonly import("./contest.mjs").HeatResult[]} heats
 */

const WIDTH = 760;
const LABEL_WIDTH = 200;
const VALUE_WIDTH = 96;
const BAR_HEIGHT = 20;
const ROW_HEIGHT = 28;
const HEAT_HEAD = 34;
const HEAT_GAP = 18;
const TOP = 52;

/** Colours with enough contrast on white and on GitHub's dark page; own bars differ in lightness too, not in hue alone. */
const STYLE = `
  text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .heat { font-weight: 600; }
  .unit, .value { font-variant-numeric: tabular-nums; }
  .unit { fill: #59636e; }
  .bar { fill: #9aa5b1; }
  .own { fill: #1f6feb; }
  .floor { fill: none; stroke: #9aa5b1; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .unit { fill: #9198a1; }
    .bar { fill: #57606a; }
    .own { fill: #58a6ff; }
    .floor { stroke: #848d97; }
  }`;

/**
 * @param {Chart} chart
 * @returns {string}
 */
export function drawChart({ title, unit, heats }) {
  let y = TOP;
  /** @type {string[]} */
  const parts = [];
  for (const heat of heats) {
    parts.push(text(0, y + 18, heat.name, "heat"));
    y += HEAT_HEAD;
    parts.push(...drawBars(heat.standings, y));
    y += heat.standings.length * ROW_HEIGHT + HEAT_GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 0 ${WIDTH + 32} ${y}" role="img" aria-label="${inXml(title)}">`,
    `<style>${STYLE}\n</style>`,
    text(0, 26, title, "title"),
    text(WIDTH, 26, unit, "unit", "end"),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/**
 * @param {readonly import("./contest.mjs").Standing[]} standings
 * @param {number} top
 * @returns {string[]}
 */
function drawBars(standings, top) {
  const longest = Math.max(...standings.map(({ value }) => value), Number.MIN_VALUE);
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  return standings.flatMap(({ name, value }, index) => {
    const y = top + index * ROW_HEIGHT;
    const width = Math.max(1, Math.round((value / longest) * room));
    const kind = name.startsWith("postrider") ? "own" : name === "floor" ? "floor" : "bar";
    return [
      text(LABEL_WIDTH - 12, y + 15, name, "label", "end"),
      `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
      text(LABEL_WIDTH + width + 8, y + 15, formatNumber(value), "value"),
    ];
  });
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} kind
 * @param {"start" | "end"} [anchor]
 */
function text(x, y, content, kind, anchor = "start") {
  return `<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${inXml(content)}</text>`;
}

/** @param {string} content */
function inXml(content) {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
