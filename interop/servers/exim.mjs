// @ts-check
/**
 * Exim with two doors, in clear text with STARTTLS and inside TLS, that fills Maildirs itself. It is unpacked and not
 * installed: as a package it would drive out Postfix.
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
import { DOMAIN, MAILBOXES, PASSWORD, USERNAME, UTF8_MAILBOX } from "./people.mjs";

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

export async function startExim() {
  needRoot();
  const unpacked = unpackPackage("exim4-daemon-heavy");
  const folder = makeFolder("exim");
  try {
    // The unprivileged user runs it too, so it lies where that may go; and it must not change its user on the way.
    const program = folder.at("exim");
    execFileSync("cp", [join(unpacked.folder, "usr", "sbin", "exim4"), program]);
    chmodSync(program, 0o755);

    const [plain = 0, smtps = 0] = await freePorts(2);
    const { ca, key, cert } = makeCertificate(folder);
    const person = makeCertificate(folder, USERNAME);
    const mail = folder.folder("mail", MAIL_USER);
    folder.folder("spool", MAIL_USER);
    execFileSync("chown", [`${MAIL_USER.uid}:${MAIL_USER.gid}`, key]);
    const configuration = folder.write("exim.conf", text(folder, { mail, key, cert, clients: person.cert, smtps }));
    // Debian's Exim looks up the user it was built for, and stops when there is none.
    const passwd = folder.write(
      "passwd",
      withUser("/etc/passwd", `Debian-exim:x:${MAIL_USER.uid}:${MAIL_USER.gid}::/:/bin/false`),
    );
    const group = folder.write("group", withUser("/etc/group", `Debian-exim:x:${MAIL_USER.gid}:`));
    const daemon = await startProgram(
      program,
      ["-C", configuration, "-bdf", "-oX", `127.0.0.1.${plain} : 127.0.0.1.${smtps}`, "-oP", folder.at("spool/pid")],
      {
        listens: [plain, smtps],
        mounts: [
          { from: passwd, to: "/etc/passwd" },
          { from: group, to: "/etc/group" },
        ],
      },
    );
    return {
      version: unpacked.version,
      plain: { hostname: "127.0.0.1", port: plain, startTls: false },
      submission: { hostname: "localhost", port: plain, tls: { ca } },
      smtps: { hostname: "localhost", port: smtps, useTls: true, tls: { ca } },
      /** What the sender shows of herself. */
      person: { key: readFileSync(person.key), cert: person.ca },
      take: () => takeFromMaildirs(mail),
      stop: async () => {
        await daemon.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/**
 * @param {string} file
 * @param {string} line
 */
function withUser(file, line) {
  return `${readFileSync(file, "utf8").trimEnd()}\n${line}\n`;
}

/**
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {{ mail: string, key: string, cert: string, clients: string, smtps: number }} options
 */
function text(folder, { mail, key, cert, clients, smtps }) {
  // In base64: whatever characters it has, Exim's own syntax does not see them.
  const secret = `\${base64d:${Buffer.from(PASSWORD).toString("base64")}}`;
  return `exim_path = ${folder.at("exim")}
keep_environment =
spool_directory = ${folder.at("spool")}
log_file_path = ${folder.at("spool/log-%slog")}
primary_hostname = mail.example.com
domainlist local_domains = ${DOMAIN}
deliver_drop_privilege = true
never_users =
daemon_smtp_ports =
tls_on_connect_ports = ${smtps}
tls_advertise_hosts = *
tls_certificate = ${cert}
tls_privatekey = ${key}
tls_verify_certificates = ${clients}
tls_try_verify_hosts = *
message_size_limit = ${LIMIT}
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 0
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
pipelining_advertise_hosts = *
chunking_advertise_hosts = *
# Exim announces AUTH to everybody unless told otherwise; here only inside TLS.
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
host_lookup =
rfc1413_hosts =
qualify_domain = ${DOMAIN}
local_from_check = false
log_selector = +all

begin acl
check_rcpt:
  require verify = recipient
  accept domains = +local_domains
  accept authenticated = *
  deny message = relay not permitted

begin routers
mailboxes:
  driver = accept
  domains = +local_domains
  local_parts = ${[...MAILBOXES, UTF8_MAILBOX].join(" : ")}
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = ${mail}/$local_part_data
  create_directory
  return_path_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${USERNAME}}}{eq{$auth3}{${secret}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if and {{eq{$auth1}{${USERNAME}}}{eq{$auth2}{${secret}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{${USERNAME}}{${secret}}fail}
  server_set_id = $auth1
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = $tls_in_certificate_verified
  server_param2 = \${certextract {subj_altname,mail,>:}{$tls_in_peercert}}
  server_condition = \${if forany {$auth2}{eq{$item}{$auth1}}}
  server_set_id = $auth1
`;
}
