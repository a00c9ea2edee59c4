/**
 * What the tab of the outbox asks of the inbox.
 */

export interface ApiReply {
  readonly code: number;
  readonly message: string;
}

export interface ApiRecipient {
  readonly address: string;
  readonly state: string;
  readonly attempts: number;
  readonly reply?: ApiReply | undefined;
  /** ISO 8601, as all times here. */
  readonly nextAt?: string | undefined;
}

export interface ApiOutboxMessage {
  readonly id: string;
  readonly subject?: string | undefined;
  readonly key?: string | undefined;
  readonly messageId: string;
  readonly state: string;
  readonly sender: string;
  readonly recipients: readonly ApiRecipient[];
  readonly attempt: number;
  readonly createdAt: string;
  readonly dueAt?: string | undefined;
  readonly expiresAt: string;
  readonly size: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ApiOutboxEvent {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly recipient?: string | undefined;
  readonly attempt?: number | undefined;
  readonly reply?: ApiReply | undefined;
  readonly reason?: string | undefined;
}

export interface ApiOutboxList {
  readonly stats: {
    readonly messages: Readonly<Record<string, number>>;
    readonly paused?: { readonly kind: string; readonly reason?: string; readonly until?: string } | undefined;
  };
  readonly messages: readonly ApiOutboxMessage[];
  readonly isMore: boolean;
}

export interface ApiOutboxDetails {
  readonly message: ApiOutboxMessage;
  readonly events: readonly ApiOutboxEvent[];
  /** Where it arrived in this inbox. */
  readonly arrived: readonly { readonly id: string; readonly receivedAt: string; readonly recipients: string[] }[];
}

export function fetchOutbox(state: string | undefined): Promise<ApiOutboxList> {
  return getJson(`/outbox/api/messages${state === undefined ? "" : `?${new URLSearchParams({ state })}`}`);
}

export const fetchOutboxMessage = (id: string): Promise<ApiOutboxDetails> =>
  getJson(`/outbox/api/messages/${encodeURIComponent(id)}`);

export type MessageAction = "retry" | "cancel" | "resend" | "sent";

export async function changeMessage(id: string, action: MessageAction, recipient?: string): Promise<void> {
  const body = JSON.stringify({ action, recipient });
  await ask(`/outbox/api/messages/${encodeURIComponent(id)}`, { method: "PATCH", body });
}

export async function changeOutbox(action: "pause" | "resume"): Promise<void> {
  await ask("/outbox/api", { method: "PATCH", body: JSON.stringify({ action }) });
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
