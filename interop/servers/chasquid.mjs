// @ts-check
/**
 * chasquid with one door, in clear text with STARTTLS. It swallows whatever a client writes behind the final dot before the
 * reply. It is unpacked and not installed, as all servers but the first.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER, makeCertificate, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { takeFromMaildirs } from "../mail/maildir.mjs";
import { address, DOMAIN, MAILBOXES, PASSWORD, USERNAME, UTF8_MAILBOX } from "./people.mjs";

/** In megabytes: it knows no smaller unit. */
const LIMIT_MB = 1;

/** Announced by SIZE. */
export const LIMIT = LIMIT_MB * 1024 * 1024;

const NO_DNS = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";

export async function startChasquid() {
  needRoot();
  const unpacked = unpackPackage("chasquid");
  const folder = makeFolder("chasquid");
  try {
    const [plain = 0] = await freePorts(1);
    const { ca, key, cert } = makeCertificate(folder);
    for (const name of ["etc/certs/localhost", `etc/domains/${DOMAIN}`, "data"]) folder.folder(name);
    copyFileSync(key, folder.at("etc/certs/localhost/privkey.pem"));
    copyFileSync(cert, folder.at("etc/certs/localhost/fullchain.pem"));
    const mail = folder.folder("mail", MAIL_USER);
    folder.write("etc/chasquid.conf", configuration(folder, mail, plain));
    const bin = join(unpacked.folder, "usr", "bin");
    for (const name of [...MAILBOXES, UTF8_MAILBOX]) {
      const user = ["user-add", address(name), `--password=${PASSWORD}`];
      execFileSync(join(bin, "chasquid-util"), [`--configdir=${folder.at("etc")}`, ...user], { stdio: "ignore" });
    }
    const program = await startProgram(join(bin, "chasquid"), ["-config_dir", folder.at("etc")], {
      listens: [plain],
      // It asks the DNS for the SPF record of each sender. There, nobody answers.
      mounts: [{ from: folder.write("resolv.conf", NO_DNS), to: "/etc/resolv.conf" }],
    });
    return {
      version: unpacked.version,
      plain: { hostname: "127.0.0.1", port: plain, startTls: false },
      submission: { hostname: "localhost", port: plain, tls: { ca } },
      user: { username: USERNAME, password: PASSWORD },
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
 * @param {string} mail
 * @param {number} port
 */
function configuration(folder, mail, port) {
  const deliver = join(dirname(fileURLToPath(import.meta.url)), "maildir_deliver.sh");
  return `hostname: "mail.example.com"
max_data_size_mb: ${LIMIT_MB}
smtp_address: "127.0.0.1:${port}"
mail_delivery_agent_bin: "${deliver}"
mail_delivery_agent_args: "${mail}"
mail_delivery_agent_args: "%to_user%"
data_dir: "${folder.at("data")}"
mail_log_path: "${folder.at("log")}"
`;
}
