// @ts-check
/**
 * Tools with which people use the published packages: what is installed for each, and what it must do. The optional packages of the
 * library are not installed.
 *
 * Layer: scripts.
 */

import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { run } from "../workspace/run.mjs";
import { deliveryProblem, installPacked, removeProject } from "./packed-project.mjs";

/**
 * @typedef {object} Tool
 * @property {string} name As it is asked for: `npm run test:tools -- jest`.
 * @property {readonly string[]} installs What npm installs.
 * @property {Readonly<Record<string, string>>} files Beside program.mjs, which is delivery-program.mjs, and program.cjs.
 * @property {(folder: string) => string[]} command What is run in the folder: a program and its parameters.
 * @property {RegExp} [warning] Must not be in its output.
 * @property {string} [alias] The name under which programs import `@postrider/nodemailer`.
 * @property {readonly string[]} bundles Files that it writes to out/: each must deliver where nothing is installed.
 */

const CONFIG = "module.exports = ";
const NODE = process.execPath;

/** A tool that takes longer hangs; in ms. */
const TIMEOUT = 300_000;

const JEST = `const { send, SmtpPool, isSmtpError } = require("postrider");
const { startInbox, assertSent, inboxMatchers } = require("@postrider/inbox");

expect.extend(inboxMatchers);
const message = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hello" };

test("a message arrives, and the inbox shows it", async () => {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  const url = "smtp://127.0.0.1:" + inbox.smtpPort;
  const pool = new SmtpPool({ url });
  await pool.send({ ...message, attachments: [{ filename: "a.txt", content: Buffer.from("abc") }] });
  await pool.close();
  await assertSent(inbox, { subject: "Hello" });
  await expect(inbox).toHaveSent({ to: "bob@example.com" });
  expect((await fetch(inbox.url)).status).toBe(200);
  const error = await send({ ...message, html: "<p>Hello", text: "auto" }, { url }).catch((reason) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(isSmtpError(error)).toBe(true);
  expect(error.message).toMatch(/npm install html-to-text/);
  await inbox.close();
});

test("TLS", async () => {
  const inbox = await startInbox({ smtpPort: 0, webPort: false, tls: "starttls" });
  const url = "smtp://127.0.0.1:" + inbox.smtpPort;
  await expect(send(message, { url, startTls: true })).rejects.toThrow(/certificate/);
  await send(message, { url, startTls: true, tls: { rejectUnauthorized: false } });
  await inbox.close();
});
`;

const JSDOM = `/** @jest-environment jsdom */
const node = require("node:buffer");
const { createServer } = require("node:net");
const { send, SmtpClient, SmtpPool, EmailMessage, isSmtpError } = require("postrider");

const message = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hello" };

/** The inbox is not for pages: this server takes all it is told. */
const listening = (received) => new Promise((resolve) => {
  const server = createServer((socket) => {
    socket.write("220 hi\\r\\n");
    let isContent = false;
    socket.on("error", () => {}).on("data", (data) => {
      for (const line of String(data).split("\\r\\n").slice(0, -1)) {
        received.push(line);
        if (isContent && line !== ".") continue;
        isContent = line === "DATA";
        socket.write(isContent ? "354 go\\r\\n" : line === "QUIT" ? "221 bye\\r\\n" : "250 ok\\r\\n");
      }
    });
  });
  server.listen(0, "127.0.0.1", () => resolve(server));
});

test("what a page has is sent: its URL, bytes and dates, and Node's Blob and File", async () => {
  expect(typeof window).toBe("object");
  const received = [];
  const server = await listening(received);
  const url = new URL("smtp://127.0.0.1:" + server.address().port);
  const pool = new SmtpPool({ url: url.href, maxConnections: 1 });
  const attachments = [
    { filename: "bytes.txt", content: new Uint8Array([97, 98, 99]) },
    { filename: "blob.txt", content: new node.Blob(["def"]) },
    { content: new node.File(["ghi"], "file.txt", { type: "text/plain" }) },
  ];
  await pool.send({ ...message, date: new Date(0), attachments });
  await pool.send(new EmailMessage(message));
  await pool.close();
  await send(message, { url });
  expect(received.filter((line) => line === "DATA")).toHaveLength(3);
  for (const text of ["abc", "def", "ghi"]) expect(received).toContain(Buffer.from(text).toString("base64"));
  // A Blob of jsdom cannot be read by anything but its FileReader.
  const unreadable = { ...message, attachments: [{ filename: "a", content: new Blob(["x"]) }] };
  await expect(send(unreadable, { url })).rejects.toThrow(/^attachments\\[0\\]\\.content: .*\\(Blob\\)$/);
  server.close();
});

test("errors and aborts are those of everywhere", async () => {
  const nowhere = { hostname: "127.0.0.1", port: 1 };
  const error = await send(message, nowhere).catch((reason) => reason);
  expect(isSmtpError(error)).toBe(true);
  expect(error.message).toMatch(/the connection was refused, so nothing listens there/);
  const controller = new AbortController();
  const server = await listening([]);
  const attempt = SmtpClient.connect({ hostname: "127.0.0.1", port: server.address().port, signal: controller.signal });
  controller.abort();
  expect((await attempt.catch((reason) => reason)).name).toBe("AbortError");
  server.close();
});
`;

const TYPED = `import { send, SmtpPool, type SendOptions } from "postrider";
import { assertSent, startInbox, type Inbox } from "@postrider/inbox";
export async function go(options: SendOptions): Promise<void> {
  const pool = new SmtpPool(options);
  await pool.close();
  await send({ from: "ann@example.org", to: "bob@example.com", text: "" }, options);
  const inbox: Inbox = await startInbox();
  await assertSent(inbox, { subject: "Hello" });
  // @ts-expect-error: no such field
  await send({ form: "ann@example.org" }, options);
}
`;

/** A program that is typed against nodemailer's declarations. */
const NODEMAILER_TYPED = readFileSync(join(ROOT, "packages", "nodemailer", "test", "types", "program.ts"), "utf8");

/** `module` of TypeScript 5 -> how it finds packages. */
const RESOLUTIONS = /** @type {const} */ ([
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["commonjs", "node10"],
  ["esnext", "bundler"],
]);

/** @param {Readonly<Record<string, string | boolean>>} options */
function typesOf(options) {
  const base = { strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noEmit: true, target: "es2022" };
  return JSON.stringify({
    compilerOptions: { ...base, lib: ["es2023", "esnext.disposable"], types: ["node"], ...options },
    files: ["typed.ts"],
  });
}

/** The recipe of the guide, with the runner's own time limit; what differs must be shown before that. */
const RECIPE = `
const message = { from: "shop@example.com", to: "ben@example.com", subject: "Welcome", text: "Hello" };

async function withInbox(run) {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  try {
    await send(message, { port: inbox.smtpPort });
    await run(inbox);
  } finally {
    await inbox.close();
  }
}

expect.extend(inboxMatchers);

test("toHaveSent", () => withInbox(async (inbox) => {
  await expect(inbox).toHaveSent({ to: "ben@example.com", subject: "Welcome" });
  await expect(inbox).not.toHaveSent({ to: "carol@example.com" });
}));

test("over HTTP", () => withInbox(async (inbox) => {
  const remote = await connectInbox(inbox.url, { recipient: "ben@example.com" });
  await assertSent(remote, { subject: "Welcome" });
  await expect(remote).toHaveSent({ subject: "Welcome" });
}));

test("assertSent shows the difference within the time of a test", () => withInbox(async (inbox) => {
  await expect(assertSent(inbox, { subject: "Goodbye" })).rejects.toThrow("expected 'Goodbye'");
}));

test("toHaveSent shows the difference within the time of a test", () => withInbox(async (inbox) => {
  await expect(expect(inbox).toHaveSent({ subject: "Goodbye" })).rejects.toThrow("expected 'Goodbye'");
}));
`;

/** @type {readonly Tool[]} */
export const TOOLS = [
  {
    name: "jest",
    installs: ["jest"],
    files: {
      "delivery.test.js": JEST,
      "recipe.test.js": `const { send } = require("postrider");
const { assertSent, connectInbox, inboxMatchers, startInbox } = require("@postrider/inbox");
${RECIPE}`,
    },
    command: () => [NODE, "node_modules/jest/bin/jest.js", "--forceExit"],
    bundles: [],
  },
  {
    name: "jsdom",
    installs: ["jest", "jest-environment-jsdom"],
    files: { "delivery.test.js": JSDOM },
    command: () => [NODE, "node_modules/jest/bin/jest.js", "--forceExit"],
    bundles: [],
  },
  {
    name: "vitest",
    installs: ["vitest"],
    files: {
      "recipe.test.mjs": `import { expect, test } from "vitest";
import { send } from "postrider";
import { assertSent, connectInbox, inboxMatchers, startInbox } from "@postrider/inbox";
${RECIPE}`,
    },
    command: () => [NODE, "node_modules/vitest/vitest.mjs", "run"],
    bundles: [],
  },
  {
    name: "webpack",
    installs: ["webpack", "webpack-cli"],
    files: {
      "webpack.config.cjs": `${CONFIG}["mjs", "cjs"].map((kind) => ({
  mode: "production", target: "node", entry: "./program." + kind, output: { path: __dirname + "/out", filename: kind + ".cjs" },
}));`,
    },
    command: () => [NODE, "node_modules/webpack/bin/webpack.js", "--config", "webpack.config.cjs"],
    warning: /warning|error/i,
    bundles: ["mjs.cjs", "cjs.cjs"],
  },
  {
    name: "rollup",
    installs: ["rollup", "@rollup/plugin-node-resolve"],
    files: {
      "rollup.config.mjs": `import resolve from "@rollup/plugin-node-resolve";
export default {
  input: "program.mjs", plugins: [resolve({ preferBuiltins: true })],
  output: { dir: "out", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
};`,
    },
    command: () => [NODE, "node_modules/rollup/dist/bin/rollup", "-c", "rollup.config.mjs"],
    warning: /\(!\)|warning|unresolved/i,
    bundles: ["program.mjs"],
  },
  {
    name: "bun",
    installs: ["bun"],
    files: {},
    command: (folder) => [
      join(folder, "node_modules/bun/bin/bun.exe"),
      ...["build", "program.mjs", "--target", "node", "--minify", "--outfile", "out/program.mjs"],
    ],
    warning: /warn|could not resolve/i,
    bundles: ["program.mjs"],
  },
  {
    name: "deno",
    installs: ["deno"],
    files: {},
    command: (folder) => [
      join(folder, `node_modules/deno/deno${process.platform === "win32" ? ".exe" : ""}`),
      ...["bundle", "--node-modules-dir=manual", "program.mjs", "-o", "out/program.mjs"],
    ],
    warning: /warn|error/i,
    bundles: ["program.mjs"],
  },
  ...RESOLUTIONS.map(([module, moduleResolution]) => ({
    name: `typescript-5-${module}`,
    installs: ["typescript@5", "@types/node@20"],
    files: { "typed.ts": TYPED, "tsconfig.json": typesOf({ module, moduleResolution }) },
    command: () => [NODE, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
    bundles: [],
  })),
  ...RESOLUTIONS.map(([module, moduleResolution]) => ({
    name: `nodemailer-types-${moduleResolution}`,
    installs: ["typescript@5", "@types/node@20"],
    files: {
      "typed.ts": NODEMAILER_TYPED,
      "tsconfig.json": typesOf({ module, moduleResolution, esModuleInterop: true, exactOptionalPropertyTypes: false }),
    },
    alias: "nodemailer",
    command: () => [NODE, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
    bundles: [],
  })),
];

/**
 * @param {Tool} tool
 * @returns {Promise<string>} What is wrong; empty when nothing is.
 */
export async function tryTool({ name, installs, files, command, warning, bundles, alias }) {
  // Outside of the workspace, whose node_modules has the optional packages.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `postrider-tool-${name}-`)));
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "postrider-bundle-")));
  try {
    const names = ["postrider", "@postrider/inbox", ...(alias === undefined ? [] : ["@postrider/nodemailer"])];
    await installPacked(folder, names, ["--prefer-offline", ...installs]);
    const modules = join(folder, "node_modules");
    if (alias !== undefined) {
      rmSync(join(modules, alias), { recursive: true, force: true });
      symlinkSync(join(modules, "@postrider", "nodemailer"), join(modules, alias), "junction");
    }
    writePrograms(folder, files);
    const [file = "", ...parameters] = command(folder);
    const { code, output } = await run(file, parameters, { cwd: folder, timeout: TIMEOUT });
    if (code !== 0 || warning?.test(output) === true) return `ended with status ${code}:\n${output}`;
    // Nothing is installed beside a bundle.
    if (bundles.length > 0) cpSync(join(folder, "out"), elsewhere, { recursive: true });
    const problems = [];
    for (const one of bundles) problems.push(await deliveryProblem(NODE, [join(elsewhere, one)], elsewhere));
    return problems.join("");
  } finally {
    for (const one of [folder, elsewhere]) removeProject(one);
  }
}

/**
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} files
 */
function writePrograms(folder, files) {
  const program = readFileSync(join(ROOT, "scripts", "testing", "delivery-program.mjs"), "utf8");
  writeFileSync(join(folder, "program.mjs"), program);
  const required = program.replace(/^import (\{.*\}) from (".*");$/gm, "const $1 = require($2);");
  writeFileSync(join(folder, "program.cjs"), required);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}
