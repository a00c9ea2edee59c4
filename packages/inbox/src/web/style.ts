/**
 * The one style sheet: light and dark by the reader's choice, one column on a phone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --sheet: #fff; --ink: #1b1f24; --dim: #5c6672; --line: #dfe3e8; --accent: #0b5cad; --hover: #eef4fb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --sheet: #1c2026; --ink: #e6e9ed; --dim: #9aa5b1; --line: #313841; --accent: #7db8f5; --hover: #242b34;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.dim { color: var(--dim); }
.bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 10px max(16px, calc(50vw - 560px));
  background: var(--sheet); border-bottom: 1px solid var(--line);
}
.bar h1 { margin: 0; font-size: 18px; }
.bar h1 a { color: inherit; }
.actions { display: flex; gap: 8px; margin-left: auto; }
.actions form { margin: 0; }
.button {
  display: inline-block; padding: 4px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet);
  color: var(--ink); font: inherit; font-size: 14px; cursor: pointer;
}
.button:hover { background: var(--hover); text-decoration: none; }
main { max-width: 1152px; margin: 0 auto; padding: 16px; }
.list { margin: 0; padding: 0; list-style: none; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.list li + li { border-top: 1px solid var(--line); }
.row {
  display: grid; grid-template: "from what facts" "from to facts" / 200px minmax(0, 1fr) auto; gap: 0 16px;
  padding: 9px 16px; color: inherit;
}
.row:hover { background: var(--hover); text-decoration: none; }
.row:focus-visible { outline-offset: -2px; }
.from { grid-area: from; font-weight: 600; }
.what { grid-area: what; }
.to { grid-area: to; font-size: 13px; }
.facts { grid-area: facts; display: flex; gap: 12px; align-items: baseline; font-size: 13px; line-height: 23px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.from, .what, .to { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.subject { margin-right: 6px; font-weight: 500; }
.tag { padding: 1px 7px; line-height: 1.3; border: 1px solid var(--line); border-radius: 9px; font-size: 12px; }
.paging { display: flex; gap: 16px; align-items: center; justify-content: center; padding: 16px; }
.empty { max-width: 780px; margin: 8vh auto; }
.empty pre, .text, .source { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
pre { overflow: auto; font: 13px/1.55 ui-monospace, monospace; }
article h2 { margin: 4px 0 12px; font-size: 22px; line-height: 1.3; overflow-wrap: anywhere; }
dl { margin: 0 0 12px; }
dl div { display: grid; grid-template-columns: 84px minmax(0, 1fr); }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.attachments { display: flex; flex-wrap: wrap; gap: 8px; margin: 0 0 16px; padding: 0; list-style: none; }
.attachments li { padding: 4px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet); overflow-wrap: anywhere; }
.tabs { display: flex; gap: 4px; margin-bottom: 12px; border-bottom: 1px solid var(--line); }
.tabs a { padding: 6px 14px; color: var(--dim); border-bottom: 2px solid transparent; margin-bottom: -1px; }
.tabs a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
/* Mail is written for white paper; in the dark, pages without a background of their own would be black on black. */
iframe { display: block; width: 100%; height: 68vh; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; }
.note { margin: 6px 0 0; font-size: 13px; }
.text { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
.source { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.headers { width: 100%; border-collapse: collapse; background: var(--sheet); border: 1px solid var(--line); font-size: 14px; }
.headers th, .headers td { padding: 5px 12px; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.headers th { width: 1%; white-space: nowrap; color: var(--dim); font-weight: 500; }
@media (max-width: 640px) {
  main { padding: 10px; }
  .bar { padding: 10px; }
  .row { grid-template: "from facts" "what what" "to to" / minmax(0, 1fr) auto; gap: 0 12px; padding: 9px 12px; }
  dl div { grid-template-columns: 1fr; margin-bottom: 4px; }
  dt { font-size: 13px; }
  .headers, .headers tbody, .headers tr, .headers th, .headers td { display: block; width: auto; white-space: normal; }
  .headers td { border: 0; padding-top: 0; }
}
`;
