/**
 * Header fields that receivers look for.
 *
 * RFC 5322 §3.6 (which fields there must be, and how often), RFC 5321 §7.2 (blind copies).
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const MESSAGE_ID = /^<[^<>@\s]+@[^<>@\s]+>$/;

export function checkFrom({ headers, from }: InboxMessage): ApiCheck {
  const found = headers.getAll("From").length;
  const about = { id: "from" };
  if (found === 0)
    return {
      ...about,
      level: "problem",
      title: "No From",
      detail: "Every message must say who wrote it; receivers refuse it without.",
    };
  if (found > 1)
    return {
      ...about,
      level: "problem",
      title: "Several From fields",
      detail: `There are ${found}, and there must be one; Gmail refuses such a message.`,
    };
  if (!from?.address.includes("@"))
    return {
      ...about,
      level: "problem",
      title: "From holds no address",
      detail: `It says ${JSON.stringify(headers.get("From"))}.`,
    };
  return { ...about, level: "ok", title: "From", detail: from.address };
}

export function checkDate({ headers, date, receivedAt }: InboxMessage): ApiCheck {
  const found = headers.getAll("Date");
  const about = { id: "date" };
  if (found.length === 0)
    return {
      ...about,
      level: "problem",
      title: "No Date",
      detail: "Every message must have a Date; spam filters count against it without.",
    };
  if (found.length > 1)
    return {
      ...about,
      level: "problem",
      title: "Several Date fields",
      detail: `There are ${found.length}, and there must be one.`,
    };
  if (date === undefined)
    return { ...about, level: "problem", title: "Date cannot be read", detail: `It says ${JSON.stringify(found[0])}.` };
  const days = Math.abs(date.getTime() - receivedAt.getTime()) / DAY_MS;
  if (days > 1)
    return {
      ...about,
      level: "warning",
      title: "Date is far from now",
      detail: `It is ${days.toFixed(1)} days away from when the message arrived.`,
    };
  return { ...about, level: "ok", title: "Date", detail: date.toISOString() };
}

export function checkMessageId({ headers }: InboxMessage): ApiCheck {
  const found = headers.getAll("Message-ID");
  const about = { id: "message-id" };
  const [id = ""] = found;
  if (found.length === 0)
    return {
      ...about,
      level: "problem",
      title: "No Message-ID",
      detail: "Gmail and others refuse or distrust a message without one; answers cannot be threaded.",
    };
  if (found.length > 1)
    return {
      ...about,
      level: "problem",
      title: "Several Message-ID fields",
      detail: `There are ${found.length}, and there must be one.`,
    };
  if (!MESSAGE_ID.test(id.trim()))
    return {
      ...about,
      level: "warning",
      title: "Message-ID has not the form <left@right>",
      detail: `It says ${JSON.stringify(id)}.`,
    };
  return { ...about, level: "ok", title: "Message-ID", detail: id };
}

export function checkSubject({ subject }: InboxMessage): ApiCheck {
  if (subject === undefined || subject.trim() === "")
    return {
      id: "subject",
      level: "warning",
      title: "No Subject",
      detail: "Readers see an empty line in their list, and spam filters count against it.",
    };
  return { id: "subject", level: "ok", title: "Subject", detail: subject };
}

export function checkBcc({ headers }: InboxMessage): ApiCheck {
  const found = ["Bcc", "Resent-Bcc"].filter((name) => headers.has(name));
  if (found.length === 0)
    return { id: "bcc", level: "ok", title: "No Bcc", detail: "Nobody sees who got a blind copy." };
  return {
    id: "bcc",
    level: "problem",
    title: `${found.join(" and ")} in the header`,
    detail: "Every recipient can read who got a blind copy.",
  };
}
