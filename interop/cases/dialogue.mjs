// @ts-check
/**
 * A client with a record of what was said. When something goes wrong, the end of the record is part of the error.
 *
 * Layer: interop.
 */

import { libraryModule } from "../lab/library.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").SmtpClient} SmtpClient
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("../../packages/postrider/src/index.js").TraceEvent} TraceEvent
 *
 * @typedef {object} Dialogue
 * @property {SmtpClient} client
 * @property {() => string[]} sent Lines of the client so far.
 * @property {() => string[]} lines Everything so far: `C: NOOP`, `S: 250 ok`.
 */

/** How many lines of a dialogue are shown when it fails. */
const SHOWN_LINES = 30;

/**
 * Connects, does, and says QUIT.
 * @template T
 * @param {ConnectionOptions} options
 * @param {(dialogue: Dialogue) => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withClient(options, body) {
  const { SmtpClient } = await libraryModule();
  /** @type {string[]} */
  const lines = [];
  const trace = (/** @type {TraceEvent} */ event) => lines.push(...line(event));
  const client = new SmtpClient({ timeout: 30_000, deliveryTimeout: 30_000, ...options, trace });
  try {
    await client.connect();
    const sent = () => lines.filter((one) => one.startsWith("C: ")).map((one) => one.slice(3));
    const result = await body({ client, sent, lines: () => [...lines] });
    if (client.isConnected) await client.quit();
    return result;
  } catch (error) {
    const end = lines.slice(-SHOWN_LINES).join("\n");
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${end}`, { cause: error });
  } finally {
    client.close();
  }
}

/**
 * Learns the extensions, unless connecting did: it greets to look for STARTTLS, and OpenSMTPD refuses to be greeted twice.
 * @param {SmtpClient} client
 */
export async function greet(client) {
  if (client.extensions.size === 0) await client.ehlo();
}

/**
 * @param {TraceEvent} event
 * @returns {string[]}
 */
function line(event) {
  switch (event.type) {
    case "client":
      return [`C: ${event.line}`];
    case "server":
      return [`S: ${event.line}`];
    case "content":
      return [`(${event.bytes} bytes)`];
    case "secure":
      return [`(${event.protocol})`];
    default:
      return [];
  }
}
