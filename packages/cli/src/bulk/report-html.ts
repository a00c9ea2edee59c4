/**
 * The report as a page that needs nothing but itself: numbers, a chart over time, and the rows that were not accepted.
 */
import { printable } from "../terminal/printable.js";
import { formatDuration, formatRate } from "./duration.js";
import { MEANINGS } from "./report-text.js";
import { OUTCOMES, type Stretch, type Tally } from "./tally.js";

export interface ReportFacts {
  readonly data: string;
  readonly template: string;
  readonly endedAt: Date;
  readonly elapsedMs: number;
}

export function reportPage(tally: Tally, facts: ReportFacts): string {
  const { elapsedMs } = facts;
  const summary = `${tally.counts.accepted} of ${tally.total} accepted, ${formatDuration(elapsedMs)}, ${formatRate(tally.doneNow, elapsedMs)} a second`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(facts.data)}: ${tally.counts.accepted} of ${tally.total} accepted</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(facts.data)} with ${escapeHtml(facts.template)}</h1>
<p>${escapeHtml(summary)}. Ended ${facts.endedAt.toISOString().replace("T", " ").slice(0, 19)} UTC.</p>
${countsTable(tally)}
<h2>Over time</h2>
${chart(tally.stretches, tally.stretchMs)}
${problemsTable(tally)}
</main>
</body>
</html>
`;
}

function countsTable(tally: Tally): string {
  const rows = OUTCOMES.map((outcome) => {
    const count = tally.counts[outcome];
    const share = tally.total === 0 ? 0 : (100 * count) / tally.total;
    const before = tally.before[outcome];
    return `<tr class="${count === 0 ? "none" : outcome}"><th scope="row">${outcome}</th><td>${count}</td><td>${share.toFixed(1)} %</td><td>${before === 0 ? "" : before}</td><td>${MEANINGS[outcome]}</td></tr>`;
  });
  return `<table>
<thead><tr><th scope="col">outcome</th><th scope="col">rows</th><th scope="col">share</th><th scope="col">before this run</th><th scope="col">meaning</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

const WIDTH = 720;
const HEIGHT = 200;
/** Room for the numbers of the axes. */
const LEFT = 44;
const BELOW = 24;

/** A bar for each stretch of time: accepted below, the rest above. */
function chart(stretches: readonly Stretch[], stretchMs: number): string {
  const perSecond = (count: number): number => (count * 1000) / stretchMs;
  const highest = Math.max(1, ...stretches.map(({ accepted, other }) => perSecond(accepted + other)));
  const width = (WIDTH - LEFT) / Math.max(1, stretches.length);
  const scale = (HEIGHT - BELOW) / highest;
  const bars = stretches.flatMap(({ accepted, other }, index) => {
    const x = LEFT + index * width;
    const [low, high] = [perSecond(accepted) * scale, perSecond(other) * scale];
    const base = HEIGHT - BELOW - low;
    const told = `${formatDuration(index * stretchMs)}: ${accepted} accepted, ${other} not`;
    return [
      bar("accepted", { x, y: base, width, height: low }, told),
      bar("other", { x, y: base - high, width, height: high }, told),
    ];
  });
  const end = formatDuration(stretches.length * stretchMs);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Messages a second over ${end}, at most ${highest.toFixed(0)}">
<line x1="${LEFT}" y1="${HEIGHT - BELOW}" x2="${WIDTH}" y2="${HEIGHT - BELOW}"/>
${bars.filter((one) => one !== "").join("\n")}
<text x="${LEFT - 6}" y="12" text-anchor="end">${highest.toFixed(0)}/s</text>
<text x="${LEFT - 6}" y="${HEIGHT - BELOW}" text-anchor="end">0</text>
<text x="${LEFT}" y="${HEIGHT - 6}">0:00</text>
<text x="${WIDTH}" y="${HEIGHT - 6}" text-anchor="end">${end}</text>
</svg>`;
}

function bar(name: string, box: { x: number; y: number; width: number; height: number }, told: string): string {
  if (box.height <= 0) return "";
  const [x, y, width, height] = [box.x, box.y, Math.max(0.5, box.width - 0.5), box.height].map((one) => one.toFixed(1));
  return `<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}"><title>${told}</title></rect>`;
}

function problemsTable({ problems }: Tally): string {
  if (problems.length === 0) return "";
  const rows = problems.map(
    ({ line, outcome, to, why }) =>
      `<tr class="${outcome}"><td>${line}</td><th scope="row">${outcome}</th><td>${escapeHtml(to)}</td><td>${escapeHtml(why)}</td></tr>`,
  );
  return `<h2>Not accepted</h2>
<table>
<thead><tr><th scope="col">line</th><th scope="col">outcome</th><th scope="col">to</th><th scope="col">why</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

/** SECURITY: data and replies are of others, and the page is opened in a browser. */
function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; --good: #2e7d32; --other: #c62828; --line: #8888; }
@media (prefers-color-scheme: dark) { :root { --good: #66bb6a; --other: #ef5350; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th { white-space: nowrap; }
td { overflow-wrap: anywhere; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:nth-child(2), td:nth-child(3) { font-variant-numeric: tabular-nums; }
tr.none { opacity: 0.6; }
tr.accepted th { color: var(--good); }
tr.partly th, tr.refused th, tr.failed th, tr.unknown th, tr.bad th { color: var(--other); }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: currentColor; }
svg line { stroke: var(--line); }
rect.accepted { fill: var(--good); }
rect.other { fill: var(--other); }
`;
