// @ts-check
/**
 * Haraka, the one of npm, with one door in clear text, that fills Maildirs by a plugin. It refuses whatever a client writes
 * behind the final dot before the reply.
 *
 * Layer: interop.
 */

import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { needRoot } from "../lab/debian.mjs";
import { makeFolder } from "../lab/folder.mjs";
import { moduleVersion, needModule } from "../lab/npm.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { DOMAIN, MAILBOXES, UTF8_MAILBOX } from "./people.mjs";

/** The newest that runs on Node 20: its own range says so, and some of its dependencies warn. */
const VERSION = "3.3.4";

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

export async function startHaraka() {
  // Only to keep its processes together, as those of all servers.
  needRoot();
  const haraka = needModule("Haraka", VERSION);
  const folder = makeFolder("haraka");
  try {
    const [plain = 0] = await freePorts(1);
    for (const name of ["config", "plugins", "queue"]) folder.folder(name);
    const mail = folder.folder("mail");
    const plugin = join(dirname(fileURLToPath(import.meta.url)), "haraka_maildir.cjs");
    copyFileSync(plugin, folder.at("plugins/maildir.js"));
    const files = configuration(folder.path, mail, plain);
    for (const [name, text] of Object.entries(files)) folder.write(`config/${name}`, text);
    const program = await startProgram(process.execPath, [join(haraka, "bin", "haraka"), "-c", folder.path], {
      listens: [plain],
    });
    return {
      version: moduleVersion(haraka),
      plain: { hostname: "127.0.0.1", port: plain, startTls: false },
      take: () => takeFromMaildirs(mail),
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
 * The files of Haraka's folder config.
 * @param {string} folder
 * @param {string} mail
 * @param {number} port
 */
function configuration(folder, mail, port) {
  return {
    me: "mail.example.com\n",
    plugins: "maildir\n",
    "log.ini": "[main]\nlevel=error\n",
    "smtp.ini": `[main]\nlisten=127.0.0.1:${port}\nnodes=0\n`,
    "connection.ini": `[main]\nspool_dir=${folder}/queue\nsmtputf8=true\n[headers]\nclean_auth_results=false\n[max]\nbytes=${LIMIT}\n[message]\nhelo=hello\nclose=bye\n[uuid]\nbanner_chars=0\n`,
    "outbound.ini": "[main]\ndisabled=true\n",
    "maildir.ini": `[main]\nfolder=${mail}\ndomain=${DOMAIN}\nmailboxes=${[...MAILBOXES, UTF8_MAILBOX].join(",")}\n`,
  };
}
