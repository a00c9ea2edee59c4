/**
 * Links by their form alone: nothing is fetched.
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck, ApiCheckItem } from "../web/api-types.js";
import { linksOf } from "../web/links.js";

const MAX_LISTED = 20;
const LOCAL =
  /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|\[::1\]|[^.]+$)|\.(?:local|localhost|internal|test|invalid)$/i;

export function checkLinks(message: InboxMessage): ApiCheck {
  const about = { id: "links" };
  const links = linksOf(message);
  const list = links.flatMap(({ url, label }): readonly ApiCheckItem[] => {
    const detail = faultOf(url, label);
    return detail === undefined ? [] : [{ text: url.slice(0, 200), detail }];
  });
  for (const empty of emptyLinks(message.html ?? "")) list.push({ text: empty, detail: "it leads nowhere" });
  if (list.length > 0)
    return {
      ...about,
      level: "warning",
      title: list.length === 1 ? "A link that is wrong" : `${list.length} links that are wrong`,
      detail: "Found by their form; nothing was fetched.",
      list: list.slice(0, MAX_LISTED),
    };
  if (links.length === 0) return { ...about, level: "ok", title: "Links", detail: "There are none." };
  return { ...about, level: "ok", title: "Links", detail: `${links.length} of good form; nothing was fetched.` };
}

function faultOf(url: string, label: string): string | undefined {
  if (/^(?:mailto|tel|sms|cid|webcal):/i.test(url)) return undefined;
  if (/^(?:javascript|data|vbscript|file):/i.test(url)) return "mail programs do not follow it";
  if (!URL.canParse(url)) return "it is not a whole address: https:// is missing, or it is relative";
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  if (/\s/.test(url)) return "it has a space";
  if (LOCAL.test(hostname)) return "it leads to a machine that readers cannot reach";
  if (protocol === "http:") return "it has no TLS; browsers warn";
  const shown = hostOf(label);
  // SECURITY: what filters for phishing look for first.
  if (shown !== undefined && !hostname.endsWith(shown) && !shown.endsWith(hostname))
    return `its words say ${shown}, and it leads to ${hostname}`;
  return undefined;
}

/** The host that the words of a link seem to be. */
function hostOf(label: string): string | undefined {
  const found = /^(?:https?:\/\/)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#]\S*)?$/i.exec(label.trim())?.[1];
  return found?.toLowerCase().replace(/^www\./, "");
}

function* emptyLinks(html: string): Generator<string> {
  for (const [whole] of html.matchAll(/<a\s[^<>]{0,300}?href\s*=\s*(?:""|''|"#"|'#')[^<>]{0,300}>/gi))
    yield whole.slice(0, 100);
}
