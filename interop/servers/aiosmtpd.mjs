// @ts-check
/**
 * aiosmtpd, Python's, in a program of its own (aiosmtpd_server.py): with STARTTLS, and inside TLS.
 *
 * Layer: interop.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask, needPackages } from "../lab/debian.mjs";
import { makeCertificate, makeFolder } from "../lab/folder.mjs";
import { answers, freePorts } from "../lab/programs.mjs";
import { Mailboxes } from "../mail/mailboxes.mjs";
import { address, MAILBOXES, PASSWORD, USERNAME, UTF8_MAILBOX } from "./people.mjs";

const PROGRAM = fileURLToPath(new URL("aiosmtpd_server.py", import.meta.url));
/** Debian's, not one that comes first in the PATH: its modules are Debian's packages. */
const PYTHON = "/usr/bin/python3";
const MODULE = "/usr/lib/python3/dist-packages/aiosmtpd";

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

export async function startAiosmtpd() {
  needPackages(["python3-aiosmtpd"], [PYTHON, MODULE]);
  const folder = makeFolder("aiosmtpd");
  const [plain = 0, smtps = 0] = await freePorts(2);
  const { ca, key, cert } = makeCertificate(folder);
  const addresses = [...MAILBOXES, UTF8_MAILBOX].map(address);
  const options = { plain, smtps, key, cert, addresses, username: USERNAME, password: PASSWORD, limit: LIMIT };
  // It ends when its standard input does, so also when this process ends.
  const child = spawn(PYTHON, ["-W", "ignore", PROGRAM, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const mailboxes = new Mailboxes();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { to, content } = JSON.parse(line);
    mailboxes.put(to, Buffer.from(content, "base64"));
  });
  const stop = async () => {
    child.stdin.end();
    await ended;
    folder.remove();
  };
  for (const port of [plain, smtps]) {
    while (!(await answers(port))) {
      if (child.exitCode !== null) {
        folder.remove();
        throw new Error("aiosmtpd does not start");
      }
      await pause(50);
    }
  }
  return {
    version: ask(PYTHON, ["-c", "import aiosmtpd; print(aiosmtpd.__version__)"]) ?? "",
    plain: { hostname: "127.0.0.1", port: plain, startTls: false },
    submission: { hostname: "localhost", port: plain, tls: { ca } },
    smtps: { hostname: "localhost", port: smtps, useTls: true, tls: { ca } },
    take: () => mailboxes.take(),
    stop,
  };
}
