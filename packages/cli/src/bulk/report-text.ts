/**
 * The report at the end, as a table for people and as data for programs.
 */
import { type Line, paint } from "../terminal/output.js";
import { formatDuration, formatRate } from "./duration.js";
import { OUTCOMES, type Outcome, type Tally } from "./tally.js";

/** What is true of a row, in words. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  accepted: "accepted by the server",
  partly: "accepted for some of the row's recipients",
  refused: "refused by the server",
  failed: "not sent",
  unknown: "may have been delivered or not",
  bad: "invalid rows, skipped",
};

const MAX_SHOWN = 50;

export function reportLines(tally: Tally, elapsedMs: number): Line[] {
  const left = tally.total - tally.done;
  const lines: Line[] = OUTCOMES.filter((outcome) => outcome === "accepted" || tally.counts[outcome] > 0).map(
    (outcome) => {
      const before = tally.before[outcome];
      const earlier = before > 0 && outcome !== "bad" ? `, ${before} of them before this run` : "";
      return row(outcome, tally.counts[outcome], `${MEANINGS[outcome]}${earlier}`);
    },
  );
  if (left > 0) lines.push(row("left", left, "not started"));
  lines.push([
    paint("dim", "time".padEnd(10)),
    `${formatDuration(elapsedMs).padStart(9)}  ${formatRate(tally.doneNow, elapsedMs)} a second`,
  ]);
  const { problems } = tally;
  if (problems.length > 0) lines.push("");
  for (const { line, outcome, to, why } of problems.slice(0, MAX_SHOWN)) {
    lines.push(`line ${line}  ${outcome}  ${to}${to === "" ? "" : "  "}${why}`);
  }
  if (problems.length > MAX_SHOWN) lines.push(`and ${problems.length - MAX_SHOWN} more; --report and --json show all`);
  return lines;
}

export function reportData(tally: Tally, elapsedMs: number): Record<string, unknown> {
  return {
    rows: tally.total,
    ...tally.counts,
    left: tally.total - tally.done,
    before: tally.before,
    seconds: Math.round(elapsedMs / 100) / 10,
    problems: tally.problems,
  };
}

function row(name: string, count: number, meaning: string): Line {
  const colour = name === "accepted" ? "green" : "yellow";
  return [paint(colour, name.padEnd(10)), `${String(count).padStart(9)}  `, paint("dim", meaning)];
}
