/** The Dockerfile of the package: its files are published, its command starts an inbox, its health check tells whether one answers. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readFlags } from "../src/command/flags.js";
import { InboxOptionError } from "../src/errors.js";
import { startInbox } from "../src/inbox.js";
import { checkOptions } from "../src/options.js";

const PACKAGE = new URL("../../", import.meta.url);
const published: string[] = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")).files;

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Without comments; what a backslash continues is one instruction. */
const instructions: readonly Instruction[] = readFileSync(new URL("Dockerfile", PACKAGE), "utf8")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));

/** The image that is run is that of the last stage. */
const image = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

function last(name: string): string {
  return image.findLast((one) => one.name === name)?.rest ?? "";
}

/** The part in brackets, which Docker reads as JSON. */
function words(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf("[")));
}

const [, entry = "", ...flags] = words(last("ENTRYPOINT"));
const file = entry.replace("/inbox/", "");

test("what it copies is in the package", () => {
  const copied = instructions
    .filter(({ name, rest }) => name === "COPY" && !rest.startsWith("--from="))
    .flatMap(({ rest }) => rest.split(" ").slice(0, -1));
  // npm adds these two to every package.
  const inPackage = [...published, "package.json", "LICENSE"];
  assert.ok(copied.length > 3 && published.includes("Dockerfile"));
  for (const path of copied) {
    assert.ok(inPackage.includes(path), path);
    assert.ok(existsSync(new URL(path, PACKAGE)), path);
  }
  assert.deepEqual(
    published.filter((path) => !copied.includes(path)),
    ["Dockerfile"],
  );
  assert.ok(existsSync(new URL(file, PACKAGE)));
});

test("it starts with a password only, on all addresses, on the ports that it exposes", () => {
  assert.throws(
    () => checkOptions(readFlags(flags).options),
    (error) => error instanceof InboxOptionError && error.option === "host",
  );
  const { host, smtpPort, webPort } = checkOptions(readFlags([...flags, "--password", "secret"]).options);
  assert.equal(host, "0.0.0.0");
  assert.deepEqual(last("EXPOSE").split(" ").slice(0, 2), [String(smtpPort), String(webPort)]);
  // In the network of another container, behind the flags of the image.
  assert.equal(checkOptions(readFlags([...flags, "--host", "127.0.0.1"]).options).host, "127.0.0.1");
});

test("it does not run as root and holds no secret, on a Node that the package runs on", () => {
  assert.match(last("USER"), /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(
    instructions.filter(({ name }) => name === "ENV" || name === "ARG" || name === "ADD"),
    [],
  );
  assert.deepEqual(flags, ["--host", "0.0.0.0"]);
  for (const { name, rest } of instructions) if (name === "FROM") assert.match(rest, /^node:22-alpine(?: AS \w+)?$/);
});

test("its command starts an inbox, and SIGTERM ends it", {
  skip: process.platform === "win32" && "Windows has no SIGTERM",
}, async (t) => {
  const free = ["--smtp-port", "0", "--web-port", "0", "--password", "secret", "--json"];
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, PACKAGE)), ...flags, ...free]);
  t.after(() => child.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { url } = JSON.parse(String(line));
  assert.equal(await healthOf(Number(new URL(url).port)), 0);
  // QUIRK: Deno tells every process that `kill()` has signalled as one that the signal has ended.
  process.kill(child.pid ?? 0, "SIGTERM");
  assert.deepEqual(await once(child, "close"), [0, null]);
});

test("the health check fails when no inbox answers", async () => {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  const port = inbox.webPort ?? 0;
  assert.equal(await healthOf(port), 0);
  await inbox.close();
  assert.equal(await healthOf(port), 1);
});

/** The exit code of the health check for a page on this port. */
async function healthOf(port: number): Promise<number> {
  const [program, ...parameters] = words(last("HEALTHCHECK"));
  assert.equal(program, "node");
  assert.ok(parameters.some((one) => one.includes(":8025/")));
  const child = spawn(
    process.execPath,
    parameters.map((one) => one.replace(":8025/", `:${port}/`)),
  );
  const [code] = await once(child, "close");
  return code;
}
