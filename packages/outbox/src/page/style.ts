/**
 * How the page looks, and the headers of its responses.
 */
import { createHash } from "node:crypto";

/** One line: its hash is in the policy. Colours have a contrast of 4.5 to 1 and more, light and dark. */
export const STYLE: string = `
:root{color-scheme:light dark;--text:#1d2329;--dim:#59636e;--line:#d5dae0;--page:#fff;--box:#f5f7f9;--link:#0b57b0;--bad:#b3261e;--button:#e9edf1}
@media(prefers-color-scheme:dark){:root{--text:#e3e7eb;--dim:#a0a9b3;--line:#3a424b;--page:#14181c;--box:#1d2329;--link:#8ab8f5;--bad:#ff9a90;--button:#2a323a}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:70rem;margin:0 auto;padding:1rem}
a{color:var(--link)}h1{font-size:1.5rem;margin:0}h1 a{color:inherit;text-decoration:none}h2{font-size:1.1rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;padding-bottom:1rem;border-bottom:1px solid var(--line)}
.status{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:1rem 0;overflow-wrap:anywhere}.dim{color:var(--dim)}.bad{color:var(--bad);font-weight:600}
.states{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:1rem 0}
.states a{display:block;padding:.4rem .8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--box);text-decoration:none;color:inherit}
.states a[aria-current]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}.states strong{display:block;font-size:1.2rem;font-variant-numeric:tabular-nums}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere;font-weight:400}
thead th{color:var(--dim)}th[scope=row]{min-width:7rem}.facts th{color:var(--dim);width:9rem}time{white-space:nowrap;font-variant-numeric:tabular-nums}.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding-right:1.2rem}
form{display:inline-block;margin:0}.filter{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.5rem 0 1rem}.filter label{display:flex;flex-direction:column;color:var(--dim)}
input{width:9.5rem}input,select,button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--dim);border-radius:.35rem;padding:.3rem .6rem;max-width:100%}
button{background:var(--button);cursor:pointer}button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--link)}.actions{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}pre{background:var(--box);padding:1rem;border-radius:.5rem;overflow:auto;max-height:40rem;white-space:pre-wrap;overflow-wrap:anywhere}
[role=status]{padding:.5rem .8rem;border-left:3px solid var(--link);background:var(--box)}
@media(max-width:40rem){.list thead{display:none}.list tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}.list td{display:block;border:0;padding:0}}
`.replaceAll("\n", "");

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

export const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  // SECURITY: no script, nothing from elsewhere, no frame around it; forms go to the page itself.
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  // The forms need their origin; the address of a message goes to nobody.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};
