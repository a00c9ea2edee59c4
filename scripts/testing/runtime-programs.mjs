// @ts-check
/**
 * Programs with the library from its tarball on one runtime, with no more permissions than the guide asks for.
 *
 * Layer: scripts. Needs the packages built.
 */

import { copyFileSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inboxModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";
import { run } from "../workspace/run.mjs";
import { deliveryProblem, installPacked, removeProject } from "./packed-project.mjs";

/**
 * @typedef {object} ProgramRuns
 * @property {readonly string[]} delivers Parameters that run a program which needs the network alone; its name follows.
 * @property {readonly string[]} [denied] The same with no permission at all.
 * @property {RegExp} [denial] What each error must say then.
 * @property {(file: string) => readonly string[]} [compile] Parameters that compile program.mjs into this executable.
 */

const FILES = ["delivery-program.mjs", "secure-program.mjs", "denied-program.mjs"];

/**
 * Runs them.
 * @param {string} program The runtime.
 * @param {ProgramRuns} runs
 * @returns {Promise<{ name: string, problem: string }[]>} What was run, and what is wrong; empty when nothing is.
 */
export async function runPrograms(program, { delivers, denied, denial, compile }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "postrider-runtime-")));
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "postrider-compiled-")));
  try {
    await installPacked(folder, ["postrider"], ["--offline"]);
    for (const file of FILES) copyFileSync(join(ROOT, "scripts", "testing", file), join(folder, file));
    const done = [
      {
        name: `${[...delivers, "program.mjs"].join(" ")}: pool, DKIM, one call`,
        problem: await deliveryProblem(program, [...delivers, "delivery-program.mjs"], folder),
      },
      { name: "STARTTLS and AUTH", problem: await secureProblem(program, delivers, folder) },
    ];
    if (denied !== undefined && denial !== undefined) {
      const { output } = await run(program, [...denied, "denied-program.mjs"], { cwd: folder });
      const lines = output.split("\n").filter((line) => /^[\w ]+: (?:SmtpError|another error): /.test(line));
      const wrong = lines.filter((line) => !/: SmtpError: /.test(line) || !denial.test(line));
      const problem = lines.length === 7 && wrong.length === 0 ? "" : `printed\n${output}`;
      done.push({ name: "without permissions each error names the flag", problem });
    }
    if (compile !== undefined) {
      const file = join(elsewhere, process.platform === "win32" ? "program.exe" : "program");
      const { code, output } = await run(program, compile(file), { cwd: folder });
      const problem = code === 0 ? await deliveryProblem(file, [], elsewhere) : `ended with status ${code}:\n${output}`;
      done.push({ name: "compiled to one executable", problem });
    }
    return done;
  } finally {
    for (const one of [folder, elsewhere]) removeProject(one);
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {string} cwd
 */
async function secureProblem(program, parameters, cwd) {
  const { startInbox } = await inboxModule();
  const inbox = await startInbox({
    smtpPort: 0,
    webPort: false,
    tls: "starttls",
    auth: { username: "ann", password: "secret" },
  });
  try {
    const given = [String(inbox.smtpPort), inbox.certificate ?? ""];
    const { code, output } = await run(program, [...parameters, "secure-program.mjs", ...given], { cwd });
    const arrived = inbox.messages.map(({ subject }) => subject);
    return code === 0 && String(arrived) === "In TLS" ? "" : `status ${code}, arrived: ${arrived}\n${output}`;
  } finally {
    await inbox.close();
  }
}
