// @ts-check
/**
 * OpenSMTPD with three doors: in clear text, with STARTTLS, inside TLS. It is unpacked and not installed: as a package it
 * would drive out Postfix. Its folders are fixed when it is compiled, so it is shown others in their place.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER, makeCertificate, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { address, DOMAIN, MAILBOXES, PASSWORD, USERNAME } from "./people.mjs";

/** How many messages it takes on one connection, unless told otherwise: then it answers MAIL with 452. */
export const MESSAGES_PER_CONNECTION = 100;

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

/** The users that it changes to; the numbers need only be free. */
const USERS = { opensmtpd: 64_001, opensmtpq: 64_002 };

export async function startOpenSmtpd() {
  needRoot();
  const unpacked = unpackPackage("opensmtpd");
  const folder = makeFolder("opensmtpd");
  try {
    const [plain = 0, submission = 0, smtps = 0] = await freePorts(3);
    const { ca, key, cert } = makeCertificate(folder);
    const mail = folder.folder("mail", MAIL_USER);
    folder.folder("lib/opensmtpd/empty");
    const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: `${PASSWORD}\n`, encoding: "utf8" });
    folder.write("creds", `${USERNAME} ${hash.trim()}\n`);
    folder.write("virtual", MAILBOXES.map((name) => `${address(name)} nobody\n`).join(""));
    const file = folder.write("smtpd.conf", text(folder, { mail, key, cert, plain, submission, smtps }), 0o600);
    const program = await startProgram(join(unpacked.folder, "usr", "sbin", "smtpd"), ["-d", "-f", file], {
      listens: [plain, submission, smtps],
      mounts: mounts(folder, unpacked.folder),
    });
    return {
      version: unpacked.version,
      plain: { hostname: "127.0.0.1", port: plain },
      submission: { hostname: "localhost", port: submission, tls: { ca } },
      smtps: { hostname: "localhost", port: smtps, useTls: true, tls: { ca } },
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
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {string} unpacked
 */
function mounts(folder, unpacked) {
  const ids = Object.entries(USERS);
  const passwd = ids.map(([name, id]) => `${name}:x:${id}:${id}::/var/lib/opensmtpd/empty:/bin/false\n`).join("");
  const group = ids.map(([name, id]) => `${name}:x:${id}:\n`).join("");
  // It asks for exactly these rights of its spool.
  const spool = folder.folder("spool/smtpd");
  chmodSync(spool, 0o711);
  return [
    { from: folder.write("passwd", `${readFileSync("/etc/passwd", "utf8").trimEnd()}\n${passwd}`), to: "/etc/passwd" },
    { from: folder.write("group", `${readFileSync("/etc/group", "utf8").trimEnd()}\n${group}`), to: "/etc/group" },
    { from: folder.at("lib"), to: "/var/lib" },
    { from: folder.at("spool"), to: "/var/spool" },
    { from: folder.folder("run"), to: "/run" },
    { from: join(unpacked, "usr", "libexec"), to: "/usr/libexec" },
  ];
}

/**
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {{ mail: string, key: string, cert: string, plain: number, submission: number, smtps: number }} options
 */
function text(folder, { mail, key, cert, plain, submission, smtps }) {
  return `pki mail.example.com cert "${cert}"
pki mail.example.com key "${key}"
table creds file:${folder.at("creds")}
table mailboxes file:${folder.at("virtual")}
smtp max-message-size "${LIMIT}"
listen on 127.0.0.1 port ${plain} hostname mail.example.com
listen on 127.0.0.1 port ${submission} tls-require pki mail.example.com auth <creds> hostname mail.example.com
listen on 127.0.0.1 port ${smtps} smtps pki mail.example.com auth <creds> hostname mail.example.com
action "mailbox" maildir "${mail}/%{rcpt.user}" virtual <mailboxes> user nobody
match from any for domain "${DOMAIN}" action "mailbox"
`;
}
