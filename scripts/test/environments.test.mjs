// @ts-check
/**
 * The packed library in worker threads and in vm contexts, where bytes, dates and errors are of another realm. jsdom is one of
 * `npm run test:tools`.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deliveryProblem, installPacked, removeProject } from "../testing/packed-project.mjs";
import { ROOT } from "../workspace/root.mjs";
import { run } from "../workspace/run.mjs";

/** A project with the library from its tarball and nothing else. */
let project = "";

before(async () => {
  project = mkdtempSync(join(tmpdir(), "postrider-environments-"));
  await installPacked(project, ["postrider"], ["--offline"]);
  copyFileSync(join(ROOT, "scripts", "testing", "delivery-program.mjs"), join(project, "delivery-program.mjs"));
});

after(() => removeProject(project));

/**
 * Runs a program that should deliver what delivery-program.mjs does.
 * @param {string} name
 * @param {string} text
 * @param {readonly string[]} [flags]
 */
function problemOf(name, text, flags = []) {
  const file = join(project, name);
  writeFileSync(file, text);
  return deliveryProblem(process.execPath, [...flags, file], project);
}

test("a worker thread delivers, and ends by itself", async () => {
  const program = `import { Worker } from "node:worker_threads";
const worker = new Worker(new URL("./delivery-program.mjs", import.meta.url), { argv: process.argv.slice(2) });
worker.on("exit", (code) => { process.exitCode = code; });
`;
  assert.equal(await problemOf("thread.mjs", program), "");
});

test("several worker threads deliver at once, each by its own copy", async () => {
  const program = `import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { SmtpPool, send } from "postrider";
const message = { from: "ann@example.org", to: "bob@example.com", text: "Hello" };
if (isMainThread) {
  const start = (subject) => new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { subject, url: process.argv[2] } });
    let told;
    worker.on("message", (value) => { told = value; }).on("error", reject).on("exit", () => resolve(told));
  });
  const told = await Promise.all([start("1"), start("2")]);
  console.log(JSON.stringify(told));
} else {
  const { subject, url } = workerData;
  await send({ ...message, subject }, { url });
  const pool = new SmtpPool({ url });
  await pool.send({ ...message, subject });
  await pool.close();
  parentPort.postMessage(subject);
}
`;
  const problem = await problemOf("threads.mjs", program);
  assert.match(problem, /^arrived: 1; 1; 2; 2\n\["1","2"\]\n$/);
});

/**
 * What test runners do with CommonJS: every module is compiled in a context with its own `Error`, `Uint8Array` and `Date`, while the
 * modules of Node, their errors and buffers are of the main realm.
 */
const LOADER = `import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const OWN = Object.getOwnPropertyNames(vm.runInNewContext("globalThis"));
// A context has a console of its own, which nobody sees.
const context = vm.createContext({ console });
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!OWN.includes(name)) Object.defineProperty(context, name, { value: globalThis[name], writable: true, configurable: true });
}
const modules = new Map();
function load(file) {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(file, module);
  const options = {
    filename: file,
    parsingContext: context,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  };
  const wrapped = vm.compileFunction(readFileSync(file, "utf8"), ["module", "exports", "require"], options);
  const requireHere = (name) => {
    if (name === "postrider") return load(resolve("node_modules/postrider/dist/index.cjs"));
    return name.startsWith(".") ? load(resolve(dirname(file), name)) : require(name);
  };
  wrapped(module, module.exports, requireHere);
  return module.exports;
}
`;

test("the whole library in a vm context delivers", async () => {
  const { transform } = await import("esbuild");
  const delivery = readFileSync(join(project, "delivery-program.mjs"), "utf8");
  writeFileSync(join(project, "in-context.cjs"), (await transform(delivery, { format: "cjs" })).code);
  assert.equal(await problemOf("context.mjs", `${LOADER}load(resolve("in-context.cjs"));`), "");
});

const CASES = `const { createServer } = require("node:net");
const { SmtpClient, SmtpPool, send, parseAddressList, isSmtpError } = require("postrider");
const message = { from: "ann@example.org", to: "bob@example.com", text: "Hello" };
const options = { hostname: "127.0.0.1", port: 1 };
const controller = new AbortController();
controller.abort();
const listening = () => new Promise((resolve) => {
  const server = createServer((socket) => socket.on("error", () => {}).resume().write("220 x\\r\\n"));
  server.listen(0, "127.0.0.1", () => resolve(server));
});
exports.cases = async () => {
  const server = await listening();
  const { port } = server.address();
  const cases = {
    refused: () => send(message, options),
    "no such name": () => send(message, { hostname: "mail.example.invalid", port: 25 }),
    "no file": () => send(message, { socketPath: "/nowhere/smtp.sock" }),
    "no TLS": () => send(message, { hostname: "127.0.0.1", port, useTls: true }),
    "bad key": () => send(message, { hostname: "127.0.0.1", port, useTls: true, tls: { key: "x", cert: "y" } }),
    "no proxy": () => send(message, { ...options, proxy: "http://127.0.0.1:1" }),
    "a stream that fails": () => send((async function* () { throw new Error("disk"); })(), { ...options, sender: "a@x.example", recipients: "b@x.example" }),
    aborted: () => send(message, { ...options, signal: controller.signal }),
    address: async () => parseAddressList("<"),
    option: async () => new SmtpPool({ prot: 25 }),
    pool: () => new SmtpPool(options).send(message),
    client: () => SmtpClient.connect(options),
  };
  const told = [];
  for (const [name, run] of Object.entries(cases)) {
    const error = await run().catch((reason) => reason);
    told.push([name, isSmtpError(error), error.name, error.code, error.retry, String(error.message).replaceAll(String(port), "PORT")].join(" | "));
  }
  server.close();
  return told.join("\\n");
};
`;

test("errors say the same in a vm context as outside of it", async () => {
  writeFileSync(join(project, "cases.cjs"), CASES);
  const program = `${LOADER}
const outside = await require("./cases.cjs").cases();
const inside = await load(resolve("cases.cjs")).cases();
console.log(outside === inside ? "the same" : "outside:\\n" + outside + "\\ninside:\\n" + inside);
process.exit();
`;
  const file = join(project, "compared.mjs");
  writeFileSync(file, program);
  const { output } = await run(process.execPath, [file], { cwd: project });
  assert.equal(output, "the same\n");
});

const VALUES = `import vm from "node:vm";
import { SmtpPool, send } from "postrider";
const url = process.argv[2];
const context = vm.createContext({ Blob, URL, TextEncoder });
const foreign = (code) => vm.runInContext("(" + code + ")", context);
const fields = { from: "ann@example.org", to: foreign('["bob@example.com"]'), text: "Hello" };
const pool = new SmtpPool({ url: new URL(url) });
const given = {
  Uint8Array: foreign("new Uint8Array([97, 98, 99])"),
  ArrayBuffer: foreign("new Uint8Array([97, 98, 99]).buffer"),
  generator: foreign("(async function* () { yield new Uint8Array([97, 98, 99]); })()"),
};
for (const [subject, content] of Object.entries(given)) {
  await pool.send({ ...fields, subject, date: foreign("new Date(0)"), attachments: foreign('[{ filename: "a.txt" }]').map((one) => ({ ...one, content })) });
}
await pool.send(foreign('({ from: "ann@example.org", to: "bob@example.com", subject: "all of it", text: "Hello", headers: { "X-A": "b" } })'));
const failing = send({ ...fields, subject: "x", attachments: [{ content: foreign('(async function* () { throw new TypeError("disk"); })()') }] }, { url });
console.log(await failing.catch((error) => error.message));
await pool.close();
`;

test("a message made of another realm's bytes, dates, arrays and generators is sent", async () => {
  const problem = await problemOf("values.mjs", VALUES);
  assert.match(problem, /^arrived: ArrayBuffer; Uint8Array; all of it; generator\n.*disk.*\n$/);
});
