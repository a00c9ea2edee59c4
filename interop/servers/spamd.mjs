// @ts-check
/**
 * spamd of SpamAssassin with the rules that Debian brings, and without any test that asks the network.
 *
 * Layer: interop.
 */

import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";

export async function startSpamd() {
  needRoot();
  const rules = unpackPackage("spamassassin");
  const daemon = unpackPackage("spamd");
  const folder = makeFolder("spamd");
  try {
    const [port = 0] = await freePorts(1);
    const at = (/** @type {string} */ path) => join(rules.folder, path);
    const home = folder.folder("home", MAIL_USER);
    const parameters = [
      ...["-T", "-I", at("usr/share/perl5"), join(daemon.folder, "usr/sbin/spamd")],
      ...["--local", "--nouser-config", "--username=nobody", "--max-children=1", "--syslog=stderr"],
      ...[`--configpath=${at("usr/share/spamassassin")}`, `--siteconfigpath=${at("etc/spamassassin")}`],
      ...[`--helper-home-dir=${home}`, "--listen=127.0.0.1", `--port=${port}`],
    ];
    const program = await startProgram("perl", parameters, { listens: [port] });
    await ready(port);
    return {
      version: daemon.version,
      address: `spamd://127.0.0.1:${port}`,
      stop: async () => {
        await program.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/**
 * It listens before it has read its rules, and leaves files in /tmp when it is ended on the way.
 * @param {number} port
 */
async function ready(port) {
  const socket = connect(port, "127.0.0.1");
  socket.write("PING SPAMC/1.5\r\n\r\n");
  const answer = await text(socket);
  if (!answer.includes("PONG")) throw new Error(`spamd answers PING with ${JSON.stringify(answer)}`);
}
