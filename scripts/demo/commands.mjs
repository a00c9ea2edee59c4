// @ts-check
/**
 * The demo of the command `postrider`: a look at the inbox, one message, a mail merge, each as somebody would type it.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";

/** @typedef {import("../guide/stage.mjs").Stage} Stage */

const PROGRAM = join(ROOT, "packages", "cli", "dist", "main.js");
const MAIL_MERGE = join("examples", "mail-merge");

/** The server is the one in POSTRIDER_URL. */
const COMMANDS = [
  ["check"],
  ["send", "--from", "ann@example.org", "--to", "bob@example.com", "--subject", "From a shell", "--text", "Hello."],
  ["bulk", join(MAIL_MERGE, "people.csv"), "--template", join(MAIL_MERGE, "invitation.md")],
];

/**
 * Runs each of them, and yields what was typed, what came of it, and what went wrong (empty when nothing did).
 * @param {Stage} stage
 */
export async function* runCommands({ inbox, arrivals }) {
  const env = { ...process.env, POSTRIDER_URL: `smtp://127.0.0.1:${inbox.smtpPort}` };
  for (const parameters of COMMANDS) {
    const typed = `postrider ${parameters[0]}`;
    const { code, output } = await runNode(PROGRAM, parameters, { env });
    yield { typed, arrived: arrivals(), problem: code === 0 ? "" : `${typed} ended with status ${code}:\n${output}` };
  }
}
