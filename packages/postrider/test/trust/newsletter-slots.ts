/**
 * Every string of what a newsletter or an invitation says of itself, and of the helpers that make parts of it.
 */
import type { Email } from "postal-mime";
import { dataUriAttachment, inlineImages } from "../../src/index.js";
import { alone, asName, inFields, never, type Probe, type Slots } from "./probe.js";

const header =
  (name: string) =>
  (email: Email): string | undefined =>
    email.headers.find((one) => one.key === name)?.value;

/** A URL, a list of them, a URL with a comment. What reads back is the same URL, between the same brackets. */
function listUrls(field: string): readonly Probe[] {
  const named = new RegExp(`list\\.${field}`);
  const read = (email: Email): unknown => /^<([^<>]*)>$/.exec(header(`list-${field}`)(email) ?? "")?.[1];
  return [
    inFields("https://l.example/u", (text) => ({ list: { [field]: text } }), {
      named,
      read,
      means: (text) => (field === "post" && text === "NO" ? undefined : text),
    }),
    inFields("https://l.example/u", (text) => ({ list: { [field]: ["mailto:a@l.example", text] } }), { named }),
    inFields("one click", (text) => ({ list: { [field]: { url: "https://l.example/u", comment: text } } }), { named }),
  ];
}

const CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";

export const NEWSLETTER_SLOTS: Slots = {
  "MessageFields.priority": [inFields("normal", (text) => ({ priority: text }))],
  "MessageFields.autoSubmitted": [inFields("no", (text) => ({ autoSubmitted: text }))],
  "MessageFields.list": never([inFields("x", (text) => ({ list: text }))]),
  "MessageFields.calendar": never([inFields("x", (text) => ({ calendar: text }))]),
  "MessageFields.amp": [
    inFields("<html amp4email>", (text) => ({ amp: text })),
    inFields("<html amp4email>", (text) => ({ amp: { content: text } })),
  ],
  "ListFields.id": [inFields("news.l.example", (text) => ({ list: { id: text } }))],
  "ListId.id": [inFields("news.l.example", (text) => ({ list: { id: { id: text, name: "News" } } }))],
  "ListId.name": [
    inFields("News", (text) => ({ list: { id: { id: "news.l.example", name: text } } }), { named: /list[.-]id/i }),
  ],
  "CommentedUrl.url": [
    inFields("https://l.example/u", (text) => ({ list: { help: { url: text } } }), { named: /list\.help/ }),
  ],
  "CommentedUrl.comment": "part of every URL of ListFields",
  "ListFields.unsubscribe": listUrls("unsubscribe"),
  "ListFields.unsubscribePost": [
    inFields("List-Unsubscribe=One-Click", (text) => ({
      list: { unsubscribe: "https://l.example/u", unsubscribePost: text },
    })),
  ],
  "ListFields.help": listUrls("help"),
  "ListFields.subscribe": listUrls("subscribe"),
  "ListFields.post": listUrls("post"),
  "ListFields.owner": listUrls("owner"),
  "ListFields.archive": listUrls("archive"),
  "Calendar.method": [inFields("REQUEST", (text) => ({ calendar: { content: CALENDAR, method: text } }))],
  "Calendar.content": [
    inFields("SUMMARY:x", (text) => ({ calendar: { content: `${CALENDAR}${text}` } }), { named: /calendar/ }),
    inFields(
      "REQUEST",
      (text) => ({ calendar: { content: `BEGIN:VCALENDAR\r\nMETHOD:${text}\r\nEND:VCALENDAR\r\n` } }),
      {
        named: /calendar/,
      },
    ),
  ],
  "Calendar.filename": [
    inFields("invite.ics", (text) => ({ calendar: { content: CALENDAR, filename: text } }), {
      read: (email) => email.attachments.find((one) => one.filename !== null)?.filename,
      means: asName,
      isHeavy: true,
    }),
  ],
  "dataUriAttachment.uri": [
    inFields("data:text/plain,x", (text) => ({ attachments: [dataUriAttachment(text)] }), {
      named: /uri|content|data/i,
    }),
    inFields("x", (text) => ({ attachments: [dataUriAttachment(`data:text/plain;a=${text},x`)] }), {
      named: /uri|content|data/i,
    }),
  ],
  "dataUriAttachment.options": "its members are listed under ContentOptions",
  "EmailMessage.transformContent(change)": "a function",
  "inlineImages.options": "its member is listed under InlineImagesOptions",
  "InlineImagesOptions.root": never([
    alone("/nonexistent", (text) => inlineImages("<img src=a.png>", { root: text }), { named: /inlineImages|root/ }),
  ]),
  "inlineImages.html": never([
    alone("<img src=a.png>", (text) => inlineImages(text, { root: "/nonexistent" }), { named: /./ }),
    alone("a.png", (text) => inlineImages(`<img src="${text}">`, { root: "/nonexistent" }), { named: /./ }),
  ]),
};
