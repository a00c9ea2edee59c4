/**
 * The HTTP API as functions.
 */
import type {
  ApiCheck,
  ApiChecks,
  ApiEvents,
  ApiInbox,
  ApiList,
  ApiMessage,
  ApiSummary,
} from "../../src/web/api-types.js";

export type { ApiCheck, ApiEvents, ApiInbox, ApiList, ApiMessage, ApiSummary };

const PAGE_LENGTH = 200;

export const fetchInbox = (): Promise<ApiInbox> => getJson("/api/inbox");

export function fetchList(query: string, before: string | undefined): Promise<ApiList> {
  const parameters = new URLSearchParams({ limit: String(PAGE_LENGTH) });
  if (query !== "") parameters.set("q", query);
  if (before !== undefined) parameters.set("before", before);
  return getJson(`/api/messages?${parameters}`);
}

export const fetchMessage = (id: string): Promise<ApiMessage> => getJson(`/api/messages/${id}`);

export async function fetchChecks(id: string): Promise<readonly ApiCheck[]> {
  return (await getJson<ApiChecks>(`/api/messages/${id}/checks`)).checks;
}

/** The bytes of a message as text. */
export const fetchSource = async (message: ApiMessage): Promise<string> => (await ask(message.raw)).text();

export async function markRead(id: string, read: boolean): Promise<void> {
  await ask(`/api/messages/${id}`, { method: "PATCH", body: JSON.stringify({ read }) });
}

export async function deleteMessage(id: string): Promise<void> {
  await ask(`/api/messages/${id}`, { method: "DELETE" });
}

export async function deleteAll(): Promise<void> {
  await ask("/api/messages", { method: "DELETE" });
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
