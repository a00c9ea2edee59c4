// @ts-check
/**
 * Dovecot: LMTP over a Unix socket into Maildirs, submission that passes mail on, and passwords for Postfix.
 *
 * Layer: interop.
 */

import { createHmac, randomBytes } from "node:crypto";
import { ask, needPackages, needRoot } from "../lab/debian.mjs";
import { MAIL_USER, makeCertificate, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { address, MAILBOXES, PASSWORD, USERNAME } from "./people.mjs";

const PACKAGES = ["dovecot-core", "dovecot-lmtpd", "dovecot-submissiond"];
const FILES = ["/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/submission"];

/** One whose mailbox has no room. */
export const FULL = "full";

/**
 * @param {{ relayPort?: number }} [options] `relayPort`: where submission passes mail on to.
 */
export async function startDovecot({ relayPort } = {}) {
  needRoot();
  needPackages(PACKAGES, FILES);
  const folder = makeFolder("dovecot");
  const [submission = 0, submissions = 0] = await freePorts(2);
  const { ca, key, cert } = makeCertificate(folder);
  const mail = folder.folder("mail", MAIL_USER);
  const secret = randomBytes(32);
  // Where Dovecot looks for the key of a token that names none: issuer, algorithm, key.
  folder.folder("keys/default/HS256");
  folder.write("keys/default/HS256/default", secret.toString("base64"));
  folder.write("oauth2.conf", oauth2Conf(folder.at("keys/")));
  folder.write("users", users(mail));
  const file = folder.write(
    "dovecot.conf",
    configuration(folder, { key, cert, mail, submission, submissions, relayPort: relayPort ?? 9 }),
  );
  const lmtpSocket = folder.at("lmtp");
  const authSocket = folder.at("auth");
  try {
    const listens = [lmtpSocket, authSocket, submission, submissions];
    const program = await startProgram("/usr/sbin/dovecot", ["-F", "-c", file], { listens });
    return {
      version: ask("/usr/sbin/dovecot", ["--version"])?.split(" ")[0] ?? "",
      authSocket,
      lmtp: /** @type {const} */ ({ protocol: "lmtp", socketPath: lmtpSocket }),
      submission: { hostname: "localhost", port: submission, tls: { ca } },
      submissions: { hostname: "localhost", port: submissions, useTls: true, tls: { ca } },
      token: () => webToken(secret, USERNAME),
      take: () => takeFromMaildirs(mail, "Maildir"),
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
 * @param {Buffer} secret
 * @param {string} subject
 */
function webToken(secret, subject) {
  const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: subject, iat: now - 60, exp: now + 3600 })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** @param {string} keys */
function oauth2Conf(keys) {
  return `introspection_mode = local
local_validation_key_dict = fs:posix:prefix=${keys}
username_attribute = sub
`;
}

/** @param {string} mail */
function users(mail) {
  const line = (/** @type {string} */ name, more = "") =>
    `${address(name)}:{PLAIN.b64}${Buffer.from(PASSWORD).toString("base64")}:${MAIL_USER.uid}:${MAIL_USER.gid}::${mail}/${name}::${more}\n`;
  return `${MAILBOXES.map((name) => line(name)).join("")}${line(FULL, "userdb_quota_rule=*:bytes=1")}`;
}

/**
 * @param {import("../lab/folder.mjs").Folder} folder
 * @param {{ key: string, cert: string, mail: string, submission: number, submissions: number, relayPort: number }} options
 */
function configuration(folder, { key, cert, mail, submission, submissions, relayPort }) {
  return `protocols = lmtp submission
base_dir = ${folder.folder("run")}
state_dir = ${folder.folder("state")}
instance_name = ${folder.path}
log_path = ${folder.at("log")}
listen = 127.0.0.1
hostname = mail.example.com
ssl = yes
ssl_cert = <${cert}
ssl_key = <${key}
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = ${folder.at("oauth2.conf")}
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = username_format=%u ${folder.at("users")}
}
userdb {
  driver = passwd-file
  args = username_format=%u ${folder.at("users")}
}
mail_location = maildir:~/Maildir
mail_home = ${mail}/%n
mail_plugins = quota
plugin {
  quota = maildir:User quota
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
# Who fails in these tests must not slow down who comes next.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener ${folder.at("auth")} {
    mode = 0666
  }
}
service lmtp {
  unix_listener ${folder.at("lmtp")} {
    mode = 0666
  }
}
service submission-login {
  inet_listener submission {
    port = ${submission}
  }
  inet_listener submissions {
    port = ${submissions}
    ssl = yes
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = ${relayPort}
submission_relay_trusted = yes
`;
}
