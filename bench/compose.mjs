// @ts-check
/**
 * From fields to the bytes of a message, without sending.
 *
 * Run: npm run bench -- compose
 */

import { join } from "node:path";
import { ROOT } from "../scripts/workspace/root.mjs";
import { nodeContender, preparePeers, sendJob, versions } from "./lab/contenders.mjs";
import { runContest } from "./lab/contest.mjs";
import { onOneCore } from "./lab/one-core.mjs";
import { findPython } from "./lab/peers.mjs";
import { report } from "./lab/report.mjs";
import { goalsOf } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";

const UNIT = "messages/s";
const SMALL = "text and html, not ASCII";
const LARGE = "with an attachment of 1 MiB";

await runIfMain(import.meta.url, async (settings) => {
  const missing = await preparePeers();
  // A server that is busy has no second core on which garbage is collected for nothing.
  const contenders = [...["postrider", "nodemailer"].map(nodeComposer), ...pythonComposer()].map(onOneCore);
  const { heats, skipped } = await runContest(
    [
      { name: SMALL, job: sendJob(settings, { hasAttachment: false }), contenders },
      { name: LARGE, job: sendJob(settings, { hasAttachment: true }), contenders },
    ],
    { rounds: settings.rounds, unit: UNIT },
  );
  report(
    {
      name: "compose",
      title: "Composing messages",
      unit: UNIT,
      method:
        "Messages a second, from fields to bytes, one after the other: subject, sender and bodies with letters beyond ASCII, then the same with 1 MiB of random bytes attached. Each on one core, so that collecting garbage counts.",
      versions: versions(),
      heats,
      goals: [...goalsOf(SMALL, { nodemailer: 8 }), ...goalsOf(LARGE, { nodemailer: 3 })],
      skipped: [...missing, ...skipped],
    },
    settings,
  );
});

/** @param {string} library */
function nodeComposer(library) {
  return nodeContender(library, { program: "compose", job: { library } });
}

function pythonComposer() {
  const python = findPython();
  if (python === undefined) return [];
  const file = join(ROOT, "bench", "clients", "compose_email.py");
  return [{ name: "Python's email", command: python.command, parameters: [file] }];
}
