// @ts-check
/**
 * Postfix's smtp-source, a client written in C that prepares nothing and pipelines nothing: the far mark.
 *
 * Layer: bench.
 */

import { spawnSync } from "node:child_process";
import { findProgram } from "../lab/peers.mjs";
import { readJob, tell } from "./job.mjs";

/** @type {import("./job.mjs").SendJob} */
const job = readJob();
const program = findProgram("smtp-source");
if (program === undefined) throw new Error("Error: smtp-source is missing (Debian: apt-get install postfix)");

const trial = timed(1000);
tell({ value: timed(Math.max(1000, Math.round(trial * (job.duration / 1000)))) });

/**
 * @param {number} count
 * @returns {number} Messages a second.
 */
function timed(count) {
  const shape = [
    "-d",
    "-m",
    String(count),
    "-s",
    String(job.connections),
    "-l",
    String(job.size),
    "-r",
    String(job.recipients),
  ];
  const start = performance.now();
  const { status, stderr } = spawnSync(String(program), [...shape, `127.0.0.1:${job.port}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Error: smtp-source: ${stderr.trim()}`);
  return count / ((performance.now() - start) / 1000);
}
