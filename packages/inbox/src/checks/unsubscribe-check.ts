/**
 * Can one leave the list with one click? Gmail and Yahoo ask for it of those who send in bulk.
 *
 * RFC 2369 §3.2 (List-Unsubscribe), RFC 8058 (one click).
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";

const ONE_CLICK = "list-unsubscribe=one-click";

export function checkUnsubscribe({ headers }: InboxMessage): ApiCheck {
  const about = { id: "unsubscribe" };
  const addresses = headers.get("List-Unsubscribe");
  const post = headers.get("List-Unsubscribe-Post");
  if (addresses === undefined) {
    return {
      ...about,
      level: post === undefined ? "note" : "problem",
      title: "No List-Unsubscribe",
      detail: "Gmail and Yahoo ask for it when the same message goes to many; a message to one person needs none.",
    };
  }
  const secure = /<https:\/\/[^<>\s]+>/i.test(addresses);
  if (!secure)
    return {
      ...about,
      level: "warning",
      title: "No unsubscribing with one click",
      detail: "List-Unsubscribe has no https address.",
    };
  if (post?.trim().toLowerCase() !== ONE_CLICK)
    return {
      ...about,
      level: "warning",
      title: "No unsubscribing with one click",
      detail: "List-Unsubscribe-Post must say List-Unsubscribe=One-Click.",
    };
  const signed = headers
    .getAll("DKIM-Signature")
    .some(
      (signature) =>
        signedFields(signature).includes("list-unsubscribe") &&
        signedFields(signature).includes("list-unsubscribe-post"),
    );
  if (!signed)
    return {
      ...about,
      level: "warning",
      title: "Unsubscribing is not signed",
      detail: "A DKIM signature must cover List-Unsubscribe and List-Unsubscribe-Post.",
    };
  return { ...about, level: "ok", title: "Unsubscribing with one click", detail: addresses };
}

function signedFields(signature: string): readonly string[] {
  const list = signature.split(";").find((tag) => /^\s*h\s*=/.test(tag)) ?? "";
  return list
    .slice(list.indexOf("=") + 1)
    .split(":")
    .map((name) => name.trim().toLowerCase());
}
