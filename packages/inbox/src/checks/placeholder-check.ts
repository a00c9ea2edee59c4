/**
 * Placeholders of a template that nobody has filled in.
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";

/** What template languages write: Handlebars and Jinja, EJS and ERB, JavaScript, Mailchimp, and a link that has encoded one. */
const PLACEHOLDERS: readonly RegExp[] = [
  /\{\{[^{}\r\n]{1,80}\}\}/,
  /\{%[^%\r\n]{1,80}%\}/,
  /<%[^%\r\n]{1,80}%>/,
  /&lt;%[^%\r\n]{1,80}%&gt;/,
  /\$\{[\w.[\]]{1,80}\}/,
  /\*\|[\w:]{1,80}\|\*/,
  /%7B%7B[\w.%+-]{1,80}%7D%7D/i,
  // An object that was put into the text as it is.
  /\[object [A-Z]\w{1,40}\]/,
];

export function checkPlaceholders(message: InboxMessage): ApiCheck {
  const about = { id: "placeholders" };
  for (const [where, text] of placesOf(message)) {
    for (const placeholder of PLACEHOLDERS) {
      const found = placeholder.exec(text)?.[0];
      if (found === undefined) continue;
      const detail = `${where} has ${JSON.stringify(found)}; the reader sees it as it stands.`;
      return { ...about, level: "warning", title: "A placeholder is not filled in", detail };
    }
  }
  return { ...about, level: "ok", title: "No placeholders", detail: "Nothing looks like a template." };
}

function* placesOf({
  subject = "",
  from,
  headers,
  text = "",
  html = "",
  attachments,
}: InboxMessage): Generator<readonly [where: string, text: string]> {
  yield ["Subject", subject];
  yield ["From", `${from?.name} ${from?.address}`];
  for (const { name, value } of headers) yield [name, `${name}: ${value}`];
  yield ["The text", text];
  yield ["The HTML", html];
  for (const { filename = "" } of attachments) yield ["The name of an attachment", filename];
}
