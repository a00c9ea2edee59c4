// @ts-check
/**
 * The message of the home page, sent while the site is built: the dialogue as it was on the wire, the result, and what the inbox has.
 *
 * Layer: scripts. Needs the packages built.
 */

import { inboxModule, libraryModule } from "../workspace/built.mjs";

/**
 * @typedef {object} SentAndSeen
 * @property {{ who: "client" | "server" | "content", line: string }[]} dialogue
 * @property {string} result
 * @property {{ from: string, to: string, subject: string, html: string, size: number }} message
 */

/** @returns {Promise<SentAndSeen>} */
export async function sentAndSeen() {
  const [{ startInbox }, { send }] = await Promise.all([inboxModule(), libraryModule()]);
  const inbox = await startInbox({ smtpPort: 0, webPort: false });
  /** @type {SentAndSeen["dialogue"]} */
  const dialogue = [];
  try {
    const result = await send(
      {
        from: "Ann Example <ann@example.org>",
        to: "bob@example.com",
        subject: "Lunch?",
        text: "At noon, in the garden.",
        html: "<p>At <b>noon</b>, in the garden.</p>",
      },
      {
        hostname: "127.0.0.1",
        port: inbox.smtpPort,
        localHostname: "client.example.org",
        trace: (event) => {
          if (event.type === "client" || event.type === "server") dialogue.push({ who: event.type, line: event.line });
          if (event.type === "content") dialogue.push({ who: "content", line: `${event.bytes} bytes of content` });
        },
      },
    );
    const [message] = inbox.messages;
    if (message === undefined) throw new Error("the message of the home page did not arrive");
    const { accepted, refused } = result;
    const shown = { accepted, refused, reply: { code: result.reply.code, enhancedCode: result.reply.enhancedCode } };
    return {
      dialogue,
      result: JSON.stringify(shown),
      message: {
        from: "Ann Example <ann@example.org>",
        to: message.to.map(({ address }) => address).join(", "),
        subject: message.subject ?? "",
        html: message.html ?? "",
        size: message.raw.length,
      },
    };
  } finally {
    await inbox.close();
  }
}
