/**
 * The address of one page of the list, for the page that asks for it and for the server that announces it.
 */

/** PERF: ten screens; the rest is asked for as one scrolls. */
const PAGE_LENGTH = 100;

/** @param before id of the last message of the page before. */
export function listAddress(query: string, before?: string): string {
  const parameters = new URLSearchParams({ limit: String(PAGE_LENGTH) });
  if (query !== "") parameters.set("q", query);
  if (before !== undefined) parameters.set("before", before);
  return `/api/messages?${parameters}`;
}
