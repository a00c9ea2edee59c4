import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { assertSent } from "@postrider/inbox";
import { endWith, inboxForRecipe, postJson } from "./support.mjs";

const inbox = await inboxForRecipe();
const next = join(dirname(createRequire(import.meta.url).resolve("next/package.json")), "dist", "bin", "next");
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };

/** @param {readonly string[]} parameters */
function run(parameters) {
  const child = spawn(process.execPath, [next, ...parameters], { env, stdio: ["ignore", "pipe", "pipe"] });
  endWith(child);
  const printed = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed.text += chunk));
  return { child, printed };
}

const built = run(["build"]);
const [code] = await once(built.child, "exit");
assert.equal(code, 0, built.printed.text);

const probe = createServer().listen(0, "127.0.0.1");
await once(probe, "listening");
const { port } = probe.address();
probe.close();
const url = `http://127.0.0.1:${port}`;
const server = run(["start", "--port", String(port), "--hostname", "127.0.0.1"]);
try {
  while (!/Ready|started/i.test(server.printed.text)) await once(server.child.stdout, "data");

  const { status, body } = await postJson(`${url}/api/orders`, { email: "ben@example.com", number: 17 });
  assert.deepEqual([status, body], [200, { accepted: ["ben@example.com"] }]);
  await assertSent(inbox, { to: "ben@example.com", subject: "Your order 17" });

  assert.equal(
    (await postJson(`${url}/api/orders`, { email: "ben@example.com, eve@example.net", number: 17 })).status,
    400,
  );
  inbox.refuse({ recipient: "gone@example.com" }, "550 5.1.1 No such user");
  assert.equal((await postJson(`${url}/api/orders`, { email: "gone@example.com", number: 18 })).status, 503);
  assert.equal(inbox.messages.length, 1);

  // A form works without JavaScript too: what the browser would post is in the page.
  const page = await (await fetch(url)).text();
  const form = new FormData();
  for (const [, name = "", value = ""] of page.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)) {
    form.set(name, value.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
  }
  form.set("email", "cyd@example.com");
  const answer = await fetch(url, { method: "POST", body: form, headers: { Origin: url } });
  assert.match(await answer.text(), /An invitation to cyd@example\.com is on its way/);
  await assertSent(inbox, { to: "cyd@example.com", subject: "You are invited" });
} finally {
  server.child.kill();
  await inbox.close();
}
