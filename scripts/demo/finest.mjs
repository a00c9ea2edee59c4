// @ts-check
/**
 * The ten finest messages of the demo: which they are, and how they come to stand on top of the page.
 *
 * Layer: scripts.
 */

import { libraryModule } from "../workspace/built.mjs";

/** @typedef {import("./summary.mjs").Arrival} Arrival */

const FINEST = 10;

/**
 * How much a message has to show: text and html, pictures, attachments, an invitation, a subject beyond ASCII.
 * @param {import("../guide/stage.mjs").InboxMessage} message
 */
export function rankOf({ html, attachments, subject = "", headers }) {
  const inline = attachments.filter(({ contentId }) => contentId !== undefined).length;
  const isCalendar = attachments.some(({ contentType }) => contentType === "text/calendar");
  return (
    (html === undefined ? 0 : 3) +
    Math.min(attachments.length, 3) * 2 +
    Math.min(inline, 2) +
    (isCalendar ? 2 : 0) +
    (/[^\0-\x7f]/.test(subject) ? 1 : 0) +
    (headers.has("DKIM-Signature") ? 1 : 0) +
    (headers.has("List-Unsubscribe") ? 1 : 0)
  );
}

/**
 * One of a page first, so that they differ; then whatever is fine.
 * @param {readonly Arrival[]} arrivals
 */
export function finest(arrivals) {
  const sorted = arrivals.toSorted((left, right) => right.rank - left.rank);
  const firsts = sorted.filter((one, index) => sorted.findIndex(({ page }) => page === one.page) === index);
  return [...firsts, ...sorted.filter((one) => !firsts.includes(one))].slice(0, FINEST);
}

/**
 * The page has the newest on top: each of them is removed and delivered once more, the finest last.
 * @param {readonly Arrival[]} arrivals
 * @param {import("../guide/stage.mjs").Inbox} inbox
 */
export async function raiseFinest(arrivals, inbox) {
  const { send } = await libraryModule();
  for (const { shown } of finest(arrivals).toReversed()) {
    await fetch(new URL(`api/messages/${shown.id}`, inbox.url), { method: "DELETE" });
    const { sender, recipients } = shown.envelope;
    await send(shown.raw, { hostname: "127.0.0.1", port: inbox.smtpPort, startTls: false, sender, recipients });
  }
}
