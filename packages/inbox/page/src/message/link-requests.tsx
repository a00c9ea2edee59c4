/**
 * Requests the links of a message once the reader asks for it, and shows what became of each.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type ApiLinkAnswer, type ApiMessage, requestLinks } from "../api.js";
import { formatCount } from "../format.js";

/** Kept while the message is open, whatever tab is. */
export interface LinkRequestState {
  readonly answers: readonly ApiLinkAnswer[] | undefined;
  readonly error: string;
  readonly running: boolean;
  readonly start: () => void;
}

export function useLinkRequests(id: string): LinkRequestState {
  const [state, setState] = useState<Omit<LinkRequestState, "start">>({
    answers: undefined,
    error: "",
    running: false,
  });
  const start = (): void => {
    setState({ ...state, error: "", running: true });
    requestLinks(id).then(
      (answers) => setState({ answers, error: "", running: false }),
      ({ message: error }: Error) => setState({ answers: undefined, error, running: false }),
    );
  };
  return { ...state, start };
}

interface LinkRequestsProps extends LinkRequestState {
  readonly links: ApiMessage["links"];
}

export function LinkRequests({ links, answers, error, running, start }: LinkRequestsProps): JSX.Element | null {
  const count = links.filter(({ url, kind }) => /^https?:/i.test(url) && kind !== "unsubscribe").length;
  if (count === 0 && answers === undefined) return null;
  return (
    <section class="link-requests" aria-labelledby="link-requests">
      <h2 id="link-requests">Do the links work?</h2>
      <p class="dim small">
        The inbox requests each once, as a click would: this may confirm something, unsubscribe somebody or be counted.
        Links that are known to unsubscribe are left out, redirects are not followed, and no cookies are sent.
      </p>
      <button type="button" class="button" disabled={running} onClick={start}>
        Request {formatCount(count, "link")}
      </button>
      <p role="status" class="small">
        {running ? "Requesting …" : error === "" ? verdictOf(answers) : error}
      </p>
      {answers !== undefined && (
        <ul class="checks" aria-label="Answers">
          {answers.map((answer) => (
            <Answer key={answer.url} {...answer} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Answer({ url, outcome, level, status, location, reason }: ApiLinkAnswer): JSX.Element {
  return (
    <li>
      <span class={`level ${level}`}>
        {outcome === "answered" ? status : outcome === "failed" ? "Failed" : "Left out"}
      </span>
      <div>
        <bdi>{url}</bdi>
        {location !== undefined && (
          <p class="dim">
            Leads to <bdi>{location}</bdi>
          </p>
        )}
        {reason !== undefined && <p class="dim">{reason}</p>}
      </div>
    </li>
  );
}

function verdictOf(answers: readonly ApiLinkAnswer[] | undefined): string {
  if (answers === undefined) return "";
  const requested = answers.filter(({ outcome }) => outcome !== "not-requested");
  const bad = requested.filter(({ level }) => level === "problem").length;
  return `${formatCount(requested.length, "link")} requested, ${bad === 0 ? "none" : bad} broken.`;
}
