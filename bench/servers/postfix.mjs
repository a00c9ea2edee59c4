// @ts-check
/**
 * A real Postfix with a configuration of its own in a temporary folder: it takes all mail, with PIPELINING and CHUNKING, and
 * its queue manager hands it to the discard transport.
 *
 * Layer: bench.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, installDebian } from "../lab/peers.mjs";
import { freePort, startProgram } from "./start.mjs";

/** Memory, where there is such a folder: the disk is not what is measured. */
const PARENT = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** @returns {Promise<import("./start.mjs").Server>} */
export async function startPostfix() {
  if (process.getuid?.() !== 0) throw new Error("a Postfix of its own needs root");
  if (findProgram("postfix") === undefined) installDebian(["postfix"]);
  const program = findProgram("postfix");
  if (program === undefined) throw new Error("Postfix is missing (Debian: apt-get install postfix)");
  const port = await freePort();
  const folder = mkdtempSync(join(PARENT, "postrider-bench-postfix-"));
  writeConfiguration(folder, port);
  const server = await startProgram(program, ["-c", join(folder, "etc"), "start-fg"], port);
  return {
    port,
    stop: async () => {
      // `postfix stop` ends master with all its children; the program that we started then ends by itself.
      execFileSync(program, ["-c", join(folder, "etc"), "stop"], { stdio: "ignore" });
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param {string} folder
 * @param {number} port
 */
function writeConfiguration(folder, port) {
  // Its unprivileged processes must find their way to queue/ and data/.
  chmodSync(folder, 0o755);
  for (const name of ["etc", "queue", "data"]) mkdirSync(join(folder, name));
  execFileSync("chown", ["postfix", join(folder, "data")]);
  writeFileSync(join(folder, "etc", "main.cf"), mainCf(folder));
  writeFileSync(join(folder, "etc", "master.cf"), masterCf(port));
}

/** @param {string} folder */
function mainCf(folder) {
  return `compatibility_level = 3.6
queue_directory = ${join(folder, "queue")}
data_directory = ${join(folder, "data")}
myhostname = mail.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
relay_transport = discard
default_transport = discard
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_limit = 1000
message_size_limit = 0
# The benchmark measures clients: no limit for each client may stand in the way.
smtpd_client_connection_count_limit = 0
# Its pause for clients that are faster than its delivery is meant for mailboxes, not for discard.
in_flow_delay = 0
smtpd_peername_lookup = no
smtpd_timeout = 300s
`;
}

/** @param {number} port */
function masterCf(port) {
  return `# service type private unpriv chroot wakeup maxproc command
127.0.0.1:${port} inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
`;
}
