/** What the guide and the recipes say of the inbox can be typed, and a compose file reaches the inbox that it starts. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readFlags } from "../../src/command/flags.js";
import { checkOptions, type InboxSettings, isLoopback } from "../../src/options.js";

const DOCS = new URL("../../../../../docs/", import.meta.url);
const PAGES = ["guide/", "recipes/"].flatMap((folder) =>
  readdirSync(new URL(folder, DOCS)).map((file) => readFileSync(new URL(folder + file, DOCS), "utf8")),
);

/** Of each command that starts an inbox: its settings. */
function inboxesOf(text: string): readonly InboxSettings[] {
  return [...text.matchAll(/npx (?:-y |--yes )?@postrider\/inbox((?: [\w.:/=-]+)*)/g)].map(([, flags = ""]) =>
    checkOptions(readFlags(flags.split(" ").filter((flag) => flag !== "")).options),
  );
}

test("every command of the pages starts an inbox", () => {
  assert.ok(PAGES.flatMap(inboxesOf).length >= 8);
});

test("every docker run of the pages has flags that the image starts with", () => {
  const runs = PAGES.flatMap((page) => [...page.matchAll(/^docker run .* postrider-inbox((?: [\w.:/=-]+)*)$/gm)]);
  assert.ok(runs.length >= 2);
  for (const [, flags = ""] of runs) checkOptions(readFlags(["--host", "0.0.0.0", ...flags.trim().split(" ")]).options);
});

test("an inbox of a compose file is reached by its page's port and the application's URL", () => {
  const blocks = PAGES.flatMap((page) =>
    [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code),
  );
  const files = blocks.filter((code) => /^services:$/m.test(code));
  assert.ok(files.length >= 3);
  for (const file of files) {
    const [inbox] = inboxesOf(file);
    assert.ok(inbox !== undefined, file);
    // A published port leads to the address of the container, where nothing listens on loopback.
    if (/:8025"/.test(file)) assert.ok(!isLoopback(inbox.host), file);
    const url = new URL(/SMTP_URL: (\S+)/.exec(file)?.[1] ?? "");
    if (isLoopback(url.hostname)) continue;
    assert.equal(url.password, inbox.password, file);
    assert.ok(inbox.allowedHosts.includes(url.hostname), file);
    // Postrider says no password in clear text to another machine unless it is told to.
    assert.equal(url.searchParams.get("allowPlaintextAuth"), "true", file);
  }
});
