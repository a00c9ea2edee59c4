// @ts-check
/**
 * Opens the stage on the ports that the guide names, or on free ones when another program holds them.
 *
 * Layer: scripts.
 */

import { openStage } from "../guide/stage.mjs";

/** @typedef {import("../guide/stage.mjs").Stage} Stage */

/**
 * @param {{ smtpPort: number, webPort: number, outbox: import("../../packages/outbox/src/index.js").Outbox }} wanted
 * @param {(text: string) => void} say Told about every port that is taken.
 * @returns {Promise<Stage>}
 */
export async function openOn(wanted, say) {
  const ports = { ...wanted };
  for (;;) {
    try {
      return await openStage(ports);
    } catch (error) {
      const option = takenPort(error);
      // 0 is any free port; when that fails too, it is not about this port.
      if (option === undefined || ports[option] === 0) throw error;
      say(`Port ${ports[option]} is taken by another program; using a free one.`);
      ports[option] = 0;
    }
  }
}

/**
 * Which of the two ports another program holds, if that is what the error is about.
 * @param {unknown} error
 * @returns {"smtpPort" | "webPort" | undefined}
 */
function takenPort(error) {
  if (!(error instanceof Error) || !("inUse" in error) || error.inUse !== true || !("option" in error))
    return undefined;
  return error.option === "smtpPort" || error.option === "webPort" ? error.option : undefined;
}
