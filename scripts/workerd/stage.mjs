// @ts-check
/**
 * The servers that the worker of the tests talks to: inboxes with and without TLS, and servers that follow a script.
 *
 * Layer: scripts. Needs the packages and their tests built.
 */

import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { certificatesModule, inboxModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

/** @typedef {import("../../packages/inbox/src/index.js").Inbox} Inbox */
/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */

/** @param {string} name @returns {Promise<any>} */
const support = (name) =>
  import(String(pathToFileURL(join(ROOT, "packages/postrider/build/test/support", `${name}.js`))));

export async function openStage() {
  const { testCertificates } = await certificatesModule();
  const certificates = await testCertificates();
  const { startInbox } = await inboxModule();
  const [{ ScriptedServer }, script] = await Promise.all([support("scripted-server"), support("script")]);
  const auth = { username: "ann", password: "secret" };
  /** @type {Inbox[]} */
  const inboxes = [];
  /** @type {(tls?: import("../../packages/inbox/src/index.js").InboxTls) => Promise<Inbox>} */
  const inbox = async (tls) => {
    const one = await startInbox({ smtpPort: 0, webPort: false, auth, ...(tls === undefined ? {} : { tls }) });
    inboxes.push(one);
    return one;
  };
  const [plain, starttls, implicit] = await Promise.all([
    inbox(),
    inbox({ ...certificates.server, mode: "starttls" }),
    inbox({ ...certificates.server, mode: "implicit" }),
  ]);
  /** @type {AsyncDisposable[]} */
  const scripted = [];
  /** @param {object} [replies] @param {object} [options] */
  const serve = async (replies, options) => {
    const server = await ScriptedServer.start(replies, options);
    scripted.push(server);
    return server;
  };
  return {
    certificates,
    script,
    plain,
    starttls,
    implicit,
    inbox,
    serve,
    closedPort: await closedPort(),
    /** @param {import("node:http").RequestListener} answer @returns {Promise<string>} The address of a server. */
    async web(answer) {
      const server = createHttpServer(answer);
      const close = async () => void server.close().closeAllConnections();
      scripted.push({ [Symbol.asyncDispose]: close });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
      return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
    },
    /** Reads no further than the DATA of the first message. */
    deaf: deafServer,
    close: async () => {
      await Promise.all(inboxes.map((one) => one.close()));
      for (const server of scripted) await server[Symbol.asyncDispose]();
    },
  };
}

/** @returns {Promise<{ port: number, ended: Promise<unknown> }>} `ended`: its client has left. */
function deafServer() {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("close", left);
      socket.write("220 deaf\r\n");
      socket.on("data", (bytes) => {
        const isData = String(bytes).startsWith("DATA");
        socket.write(isData ? "354 go\r\n" : "250 OK\r\n");
        // Long enough to fill the buffers of the system, and the end is seen.
        if (isData) setTimeout(() => socket.removeAllListeners("data").resume(), 1500);
        if (isData) socket.pause();
      });
    });
    /** @type {(value?: unknown) => void} */
    let left = () => {};
    const ended = new Promise((done) => {
      left = done;
    });
    void ended.then(() => server.close());
    server.listen(0, "127.0.0.1", () => {
      resolve({ port: /** @type {import("node:net").AddressInfo} */ (server.address()).port, ended });
    });
  });
}

/** @returns {Promise<number>} */
function closedPort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
