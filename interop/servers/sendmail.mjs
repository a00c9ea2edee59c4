// @ts-check
/**
 * sendmail with one door, in clear text, whose local mailer fills Maildirs. Its packages are unpacked and
 * not installed: they would drive out Postfix. Its configuration is made as everywhere, by m4.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { DOMAIN, MAILBOXES } from "./people.mjs";

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

const NO_DNS = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";

export async function startSendmail() {
  needRoot();
  const unpacked = unpackPackage("sendmail-bin");
  const sources = join(unpackPackage("sendmail-cf").folder, "usr/share/sendmail/cf");
  const m4 = join(unpackPackage("m4").folder, "usr/bin/m4");
  const folder = makeFolder("sendmail");
  try {
    const [plain = 0] = await freePorts(1);
    const mail = folder.folder("mail", MAIL_USER);
    for (const name of ["queue", "etc"]) chmodSync(folder.folder(name), 0o700);
    const text = macros(folder, { mail, plain });
    const macroFile = folder.write("etc/sendmail.mc", text);
    const includes = [`-D_CF_DIR_=${sources}/`, join(sources, "m4/cf.m4")];
    folder.write("etc/sendmail.cf", execFileSync(m4, [...includes, macroFile], { encoding: "utf8" }));
    folder.write("etc/switch", "hosts files\naliases files\npasswd files\n");
    const passwd = folder.write("passwd", withUsers());
    // QUIRK: it sleeps for a minute when the name of the machine has no dot and no file nor the DNS knows a longer one.
    const hosts = folder.write("hosts", `127.0.0.1 mail.example.com localhost ${hostname()}\n`);
    // It asks for the names of clients and domains. There, nobody answers.
    const resolver = folder.write("resolv.conf", NO_DNS);
    const program = await startProgram(
      join(unpacked.folder, "usr/libexec/sendmail/sendmail"),
      ["-bD", `-C${folder.at("etc/sendmail.cf")}`],
      {
        listens: [plain],
        mounts: [
          { from: passwd, to: "/etc/passwd" },
          { from: hosts, to: "/etc/hosts" },
          { from: resolver, to: "/etc/resolv.conf" },
        ],
      },
    );
    return {
      version: unpacked.version,
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

/** Its local mailer delivers to users of the system; here they exist in its own view alone. */
function withUsers() {
  const users = MAILBOXES.map((name) => `${name}:x:${MAIL_USER.uid}:${MAIL_USER.gid}::/nonexistent:/bin/false\n`);
  return `${readFileSync("/etc/passwd", "utf8").trimEnd()}\n${users.join("")}`;
}

/**
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {{ mail: string, plain: number }} options
 */
function macros(folder, { mail, plain }) {
  const deliver = join(dirname(fileURLToPath(import.meta.url)), "maildir_deliver.sh");
  return `OSTYPE(\`linux')dnl
FEATURE(\`no_default_msa')dnl
FEATURE(\`nouucp', \`reject')dnl
FEATURE(\`nocanonify')dnl
FEATURE(\`accept_unresolvable_domains')dnl
undefine(\`ALIAS_FILE')dnl
define(\`confDOMAIN_NAME', \`mail.example.com')dnl
LOCAL_DOMAIN(\`${DOMAIN}')dnl
DAEMON_OPTIONS(\`Family=inet, Addr=127.0.0.1, Port=${plain}, Name=MTA, Listen=128, Modifiers=SA')dnl
define(\`QUEUE_DIR', \`${folder.at("queue")}')dnl
define(\`STATUS_FILE', \`')dnl
define(\`confPID_FILE', \`${folder.at("pid")}')dnl
define(\`confDONT_BLAME_SENDMAIL', \`RunProgramInUnsafeDirPath,TrustStickyBit')dnl
define(\`confTO_IDENT', \`0')dnl
define(\`confDEF_USER_ID', \`${MAIL_USER.uid}:${MAIL_USER.gid}')dnl
define(\`confMAX_MESSAGE_SIZE', \`${LIMIT}')dnl
define(\`confDELIVERY_MODE', \`background')dnl
define(\`confFORWARD_PATH', \`')dnl
define(\`confQUEUE_LA', \`200')dnl
define(\`confREFUSE_LA', \`200')dnl
define(\`confDELAY_LA', \`0')dnl
define(\`confSERVICE_SWITCH_FILE', \`${folder.at("etc/switch")}')dnl
define(\`LOCAL_MAILER_PATH', \`${deliver}')dnl
define(\`LOCAL_MAILER_ARGS', \`maildir_deliver.sh ${mail} $u')dnl
define(\`LOCAL_MAILER_FLAGS', \`n')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
`;
}
