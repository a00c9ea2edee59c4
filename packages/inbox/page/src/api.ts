/**
 * The HTTP API as functions.
 */
import type {
  ApiAttachment,
  ApiBoxes,
  ApiCheck,
  ApiChecks,
  ApiEvents,
  ApiInbox,
  ApiLink,
  ApiLinkAnswer,
  ApiLinkAnswers,
  ApiList,
  ApiMessage,
  ApiReply,
  ApiSpam,
  ApiSpamRule,
  ApiSummary,
} from "../../src/web/api-types.js";

import { listAddress } from "../../src/web/list-address.js";

export type {
  ApiAttachment,
  ApiBoxes,
  ApiCheck,
  ApiChecks,
  ApiEvents,
  ApiInbox,
  ApiLink,
  ApiLinkAnswer,
  ApiList,
  ApiMessage,
  ApiSpam,
  ApiSpamRule,
  ApiSummary,
};

let facts: Promise<ApiInbox> | undefined;

/** Parts of the page that ask at the same time share one request. */
export function fetchInbox(): Promise<ApiInbox> {
  facts ??= getJson<ApiInbox>("/api/inbox").finally(() => {
    facts = undefined;
  });
  return facts;
}

export const fetchList = (query: string, before: string | undefined): Promise<ApiList> =>
  getJson(listAddress(query, before));

export const fetchMessage = (id: string): Promise<ApiMessage> => getJson(`/api/messages/${id}`);

export const fetchChecks = (id: string): Promise<ApiChecks> => getJson(`/api/messages/${id}/checks`);

/** Asks the spam filter, now. */
export const fetchSpam = (id: string): Promise<ApiSpam> => getJson(`/api/messages/${id}/spam`);

/** The bytes of a message as text. */
export const fetchSource = async (message: ApiMessage): Promise<string> => (await ask(message.raw)).text();

export async function markRead(id: string, read: boolean): Promise<void> {
  await ask(`/api/messages/${id}`, { method: "PATCH", body: JSON.stringify({ read }) });
}

/** Which messages a change is about: these, those that a search finds, or all. */
export type Chosen = { readonly ids: readonly string[] } | { readonly query: string } | "all";

export async function markMessages(chosen: Chosen, read: boolean): Promise<void> {
  await ask(pathOf(chosen), { method: "PATCH", body: JSON.stringify({ ...idsOf(chosen), read }) });
}

/** They can be brought back until the next ones are deleted. */
export async function deleteMessages(chosen: Chosen): Promise<void> {
  await ask(pathOf(chosen), { method: "DELETE", body: JSON.stringify(idsOf(chosen)) });
}

export async function restoreMessages(): Promise<void> {
  await ask("/api/messages/restore", { method: "POST" });
}

export const fetchBoxes = (): Promise<ApiBoxes> => getJson("/api/boxes");

/** Sends a message to the one configured address; resolves with the server's reply. */
export async function releaseMessage(id: string): Promise<string> {
  const response = await ask(`/api/messages/${id}/release`, { method: "POST" });
  return (await response.json()).reply;
}

/** Replies on behalf of a recipient; resolves with the id of the reply, which arrives in this inbox. */
export async function sendReply(id: string, reply: { readonly text: string; readonly from: string }): Promise<string> {
  const response = await ask(`/api/messages/${id}/reply`, { method: "POST", body: JSON.stringify(reply) });
  const sent: ApiReply = await response.json();
  return sent.id;
}

/** Requests the links of a message, each once. */
export async function requestLinks(id: string): Promise<readonly ApiLinkAnswer[]> {
  const response = await ask(`/api/messages/${id}/request-links`, { method: "POST" });
  const { answers }: ApiLinkAnswers = await response.json();
  return answers;
}

/** The document of the frame that shows the HTML of a message, without remote content. */
export const fetchFrame = async (id: string): Promise<string> => (await ask(`/messages/${id}/html`)).text();

/** An attachment as text, as far as it is shown. */
export async function fetchText(url: string): Promise<string> {
  return (await ask(`${url}/view`)).text();
}

function pathOf(chosen: Chosen): string {
  return typeof chosen === "object" && "query" in chosen
    ? `/api/messages?${new URLSearchParams({ q: chosen.query })}`
    : "/api/messages";
}

function idsOf(chosen: Chosen): { readonly ids?: readonly string[] } {
  return typeof chosen === "object" && "ids" in chosen ? chosen : {};
}

async function getJson<Answer>(path: string): Promise<Answer> {
  return (await ask(path)).json();
}

async function ask(path: string, options?: RequestInit): Promise<Response> {
  const response = await fetch(path, options);
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: response.statusText }));
  throw new Error(String(error));
}
