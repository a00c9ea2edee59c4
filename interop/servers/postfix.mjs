// @ts-check
/**
 * Postfix with six doors: in clear text, with STARTTLS, inside TLS, one that does nothing quickly, one that takes only small
 * messages, one under stress. Dovecot checks the passwords; Postfix's own virtual(8) fills Maildirs.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { ask, findProgram, needPackages, needRoot } from "../lab/debian.mjs";
import { MAIL_USER, makeCertificate, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { startDovecot } from "./dovecot.mjs";
import { address, DOMAIN, MAILBOXES, UTF8_MAILBOX } from "./people.mjs";

/** The door for small messages, in bytes. */
export const SMALL = 200_000;

export async function startPostfix() {
  needRoot();
  needPackages(["postfix"], ["/usr/sbin/postfix"]);
  const dovecot = await startDovecot();
  const folder = makeFolder("postfix");
  try {
    const [plain = 0, submission = 0, smtps = 0, spartan = 0, small = 0, stress = 0] = await freePorts(6);
    const { ca, key, cert } = makeCertificate(folder);
    for (const name of ["etc", "queue"]) folder.folder(name);
    const mail = folder.folder("mail", MAIL_USER);
    execFileSync("chown", ["postfix", folder.folder("data")]);
    folder.write("etc/mailboxes", [...MAILBOXES, UTF8_MAILBOX].map((name) => `${address(name)} ${name}/\n`).join(""));
    folder.write("etc/main.cf", mainCf(folder, mail, { key, cert, auth: dovecot.authSocket }));
    folder.write("etc/master.cf", masterCf({ plain, submission, smtps, spartan, small, stress }));
    const listens = [plain, submission, smtps, spartan, small, stress];
    const program = await startProgram("/usr/sbin/postfix", ["-c", folder.at("etc"), "start-fg"], { listens });
    const local = { hostname: "127.0.0.1" };
    const named = { hostname: "localhost", tls: { ca } };
    return {
      version: ask(findProgram("postconf") ?? "postconf", ["-h", "-d", "mail_version"]) ?? "",
      plain: { ...local, port: plain, startTls: false },
      submission: { ...named, port: submission },
      smtps: { ...named, port: smtps, useTls: true },
      spartan: { ...local, port: spartan, startTls: false },
      small: { ...local, port: small, startTls: false },
      stress: { ...local, port: stress, startTls: false },
      token: dovecot.token,
      take: () => takeFromMaildirs(mail),
      stop: async () => {
        await program.stop();
        await dovecot.stop();
        folder.remove();
      },
    };
  } catch (error) {
    await dovecot.stop();
    folder.remove();
    throw error;
  }
}

/**
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {string} mail
 * @param {{ key: string, cert: string, auth: string }} files
 */
function mainCf(folder, mail, { key, cert, auth }) {
  return `compatibility_level = 3.6
queue_directory = ${folder.at("queue")}
data_directory = ${folder.at("data")}
maillog_file = ${folder.at("queue/log")}
maillog_file_prefixes = ${folder.path}
myhostname = mail.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
default_transport = error:there is no way out of here
relay_transport = error:there is no way out of here
virtual_mailbox_domains = ${DOMAIN}
virtual_mailbox_base = ${mail}
virtual_mailbox_maps = texthash:${folder.at("etc/mailboxes")}
virtual_uid_maps = static:${MAIL_USER.uid}
virtual_gid_maps = static:${MAIL_USER.gid}
# Mail of strangers is not touched; ours must not be either, though it comes from this machine.
local_header_rewrite_clients =
smtpd_tls_cert_file = ${cert}
smtpd_tls_key_file = ${key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${auth}
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_peername_lookup = no
`;
}

/** @param {Record<"plain" | "submission" | "smtps" | "spartan" | "small" | "stress", number>} ports */
function masterCf({ plain, submission, smtps, spartan, small, stress }) {
  const login = "-o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject";
  return `# service type private unpriv chroot wakeup maxproc command
127.0.0.1:${plain} inet n - n - 20 smtpd
127.0.0.1:${submission} inet n - n - 20 smtpd -o smtpd_tls_security_level=encrypt ${login} -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:${smtps} inet n - n - 20 smtpd -o smtpd_tls_wrappermode=yes ${login} -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:${spartan} inet n - n - 20 smtpd -o smtpd_discard_ehlo_keywords=pipelining,chunking,size,dsn,enhancedstatuscodes
127.0.0.1:${small} inet n - n - 20 smtpd -o message_size_limit=${SMALL}
127.0.0.1:${stress} inet n - n - 20 smtpd -o stress=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
showq unix n - n - - showq
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`;
}
