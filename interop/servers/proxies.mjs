// @ts-check
/**
 * Proxies of Debian's with smtp-server behind them, under a name that only the proxy knows the place of.
 *
 * Layer: interop.
 */

import { ask, findProgram, needPackages, needRoot } from "../lab/debian.mjs";
import { makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { startSmtpServer } from "./smtp-server.mjs";

/** Stands in the proxy's own /etc/hosts. */
const NAME = "mail.postrider.example";

/** Who may use the proxies. */
export const LOGIN = "joe:s3cret";
const [USER = "", PASSWORD = ""] = LOGIN.split(":");

/**
 * @typedef {Awaited<ReturnType<typeof startSmtpServer>>} SmtpServer
 *
 * @typedef {object} ProxyProgram
 * @property {string} name Also of Debian's package and of the program.
 * @property {(folder: import("../lab/folder.mjs").Folder, port: number, allowed: readonly number[]) => readonly string[]} parameters
 */

/** CONNECT, and Basic; only to the ports that its operator names. */
export const startTinyproxy = () =>
  startProxy({
    name: "tinyproxy",
    parameters: (folder, port, allowed) => [
      "-d",
      "-c",
      folder.write(
        "tinyproxy.conf",
        [
          `Port ${port}`,
          "Listen 127.0.0.1",
          "Timeout 60",
          "MaxClients 50",
          "LogLevel Error",
          `BasicAuth ${USER} ${PASSWORD}`,
          ...allowed.map((one) => `ConnectPort ${one}`),
          "",
        ].join("\n"),
      ),
    ],
  });

/** SOCKS 5, with user name and password. */
export const startMicrosocks = () =>
  startProxy({
    name: "microsocks",
    parameters: (_folder, port) => ["-i", "127.0.0.1", "-p", String(port), "-u", USER, "-P", PASSWORD],
  });

/** @param {ProxyProgram} program */
async function startProxy({ name, parameters }) {
  needRoot();
  needPackages([name], [`/usr/bin/${name}`]);
  const program = findProgram(name) ?? `/usr/bin/${name}`;
  const server = await startSmtpServer();
  const folder = makeFolder(name);
  try {
    const [port = 0, closed = 0] = await freePorts(2);
    const { plain, submission, smtps } = server;
    const hosts = folder.write("hosts", `127.0.0.1 localhost ${NAME}\n`);
    const running = await startProgram(program, parameters(folder, port, [plain.port, smtps.port, closed]), {
      listens: [port],
      mounts: [{ from: hosts, to: "/etc/hosts" }],
    });
    // The certificate behind it is for localhost.
    const named = (/** @type {SmtpServer["smtps"] | SmtpServer["submission"]} */ place) => ({
      ...place,
      hostname: NAME,
      tls: { ...place.tls, servername: "localhost" },
    });
    return {
      version: ask("dpkg-query", ["-W", "-f", `\${Version}`, name])?.replace(/-.*/, "") ?? "",
      address: `127.0.0.1:${port}`,
      plain: { ...plain, hostname: NAME },
      submission: named(submission),
      smtps: named(smtps),
      closed,
      take: server.take,
      stop: async () => {
        await running.stop();
        await server.stop();
        folder.remove();
      },
    };
  } catch (error) {
    await server.stop();
    folder.remove();
    throw error;
  }
}
