/**
 * What the address bar says: which message is open, on which tab, and what is searched for.
 */

export interface Route {
  /** Id of the open message; `"<id>.<n>"` is the message that is its attachment n. */
  readonly message: string | undefined;
  readonly tab: string | undefined;
  readonly query: string;
}

const MESSAGE = /^\/messages\/([0-9A-Za-z]+(?:\.\d+)*)$/;

export function parseRoute(path: string, search: string): Route {
  const parameters = new URLSearchParams(search);
  const message = MESSAGE.exec(path)?.[1];
  return { message, tab: parameters.get("tab") ?? undefined, query: parameters.get("q") ?? "" };
}

export function formatRoute({ message, tab, query }: Route): string {
  const parameters = new URLSearchParams();
  if (query !== "") parameters.set("q", query);
  if (message !== undefined && tab !== undefined) parameters.set("tab", tab);
  const search = parameters.size === 0 ? "" : `?${parameters}`;
  return `${message === undefined ? "/" : `/messages/${message}`}${search}`;
}
