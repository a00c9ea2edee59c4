// @ts-check
/**
 * For the checks of recipes: an inbox whose address is in SMTP_URL before the recipe is loaded, and requests.
 */

import { startInbox } from "@postrider/inbox";

/** @param {import("@postrider/inbox").InboxOptions} [options] */
export async function inboxForRecipe(options) {
  const inbox = await startInbox({ smtpPort: 0, webPort: false, ...options });
  process.env["SMTP_URL"] = `smtp://127.0.0.1:${inbox.smtpPort}`;
  return inbox;
}

/**
 * @param {string} url
 * @param {unknown} body
 */
export async function postJson(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** A check that takes longer hangs; in ms. */
const DEADLINE = 400_000;

/**
 * Ends a program together with the check, also when that takes too long.
 * @param {import("node:child_process").ChildProcess} child
 */
export function endWith(child) {
  const timer = setTimeout(() => {
    console.error(`the check took longer than ${DEADLINE} ms`);
    process.exit(1);
  }, DEADLINE);
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  child.on("exit", () => {
    clearTimeout(timer);
    process.off("exit", end);
  });
}

/**
 * Starts a listener on a free port.
 * @param {{ listen(port: number, host: string, done: () => void): import("node:http").Server }} app
 */
export async function listen(app) {
  /** @type {import("node:http").Server} */
  const server = await new Promise((resolve) => {
    const started = app.listen(0, "127.0.0.1", () => resolve(started));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}
