/**
 * Requests the links of a message, when its reader has asked for it: each once, a few at a time, never one that unsubscribes.
 *
 * RFC 2369 §3.2 (List-Unsubscribe), RFC 8058 (one click).
 */
import type { InboxMessage } from "../message.js";
import type { ApiLink, ApiLinkAnswer } from "./api-types.js";
import type { MayReach } from "./reachable.js";
import { type LinkAnswer, notRequested, requestLink, unfitReason } from "./request-link.js";

/** How much one click may ask of others. */
export interface LinkLimits {
  /** Links that are requested; the others are told as not requested. */
  readonly links: number;
  readonly atOnce: number;
  /** Milliseconds for one request. */
  readonly eachMs: number;
  /** Milliseconds for all of them. */
  readonly allMs: number;
}

export const LINK_LIMITS: LinkLimits = { links: 50, atOnce: 4, eachMs: 5000, allMs: 20_000 };

const UNSUBSCRIBES = "It may unsubscribe somebody.";

/** One for each inbox: the links of one message are requested at a time. */
export class LinkRequests {
  readonly #mayReach: MayReach;
  readonly #limits: LinkLimits;
  #busy = false;

  constructor(mayReach: MayReach, limits: LinkLimits = LINK_LIMITS) {
    this.#mayReach = mayReach;
    this.#limits = limits;
  }

  /**
   * An answer for each web link, in the order of the links; undefined while those of another message are requested.
   *
   * @param links of the message.
   * @param signal ends all requests.
   */
  async request(
    links: readonly ApiLink[],
    headers: InboxMessage["headers"],
    signal: AbortSignal,
  ): Promise<readonly ApiLinkAnswer[] | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    try {
      return await this.#requestAll(links, unsubscribeAddresses(headers), signal);
    } finally {
      this.#busy = false;
    }
  }

  async #requestAll(
    links: readonly ApiLink[],
    unsubscribing: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly ApiLinkAnswer[]> {
    const { atOnce, allMs } = this.#limits;
    const answers = new Map<string, LinkAnswer>();
    const wanted: string[] = [];
    const web = links.filter(({ url }) => /^https?:/i.test(url));
    for (const { url, kind } of web) {
      const target = targetOf(url);
      if (answers.has(target) || wanted.includes(target)) continue;
      const unfit = kind === "unsubscribe" || unsubscribing.has(placeOf(target)) ? UNSUBSCRIBES : unfitReason(target);
      if (unfit !== undefined) answers.set(target, notRequested(unfit));
      else if (wanted.length < this.#limits.links) wanted.push(target);
      else answers.set(target, notRequested(`Only ${this.#limits.links} links of a message are requested.`));
    }
    const end = AbortSignal.any([signal, AbortSignal.timeout(allMs)]);
    const left = wanted.values();
    const workers = Array.from({ length: atOnce }, () => this.#requestFrom(left, answers, end));
    await Promise.all(workers);
    return web.flatMap(({ url }) => {
      const answer = answers.get(targetOf(url));
      return answer === undefined ? [] : [{ url, ...answer }];
    });
  }

  async #requestFrom(left: Iterable<string>, answers: Map<string, LinkAnswer>, end: AbortSignal): Promise<void> {
    for (const url of left) {
      if (end.aborted) {
        answers.set(url, notRequested("The time limit for all links was reached."));
        continue;
      }
      const signal = AbortSignal.any([end, AbortSignal.timeout(this.#limits.eachMs)]);
      answers.set(url, await requestLink(url, { mayReach: this.#mayReach, signal }));
    }
  }
}

/** SECURITY: a body may have the same address under other words, and a request may be all that it takes. */
function unsubscribeAddresses(headers: InboxMessage["headers"]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const value of headers.getAll("List-Unsubscribe"))
    for (const [, address = ""] of value.matchAll(/<([^<>]+)>/g)) found.add(placeOf(address.replace(/\s/g, "")));
  return found;
}

/** Host and path; other parameters may still mean the same. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname, search } = new URL(url);
  return pathname === "/" ? `${host}/${search}` : `${host}${pathname}`;
}

/** What is requested for an address: without its fragment, which stays with the reader. */
function targetOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.hash = "";
  return parsed.href;
}
