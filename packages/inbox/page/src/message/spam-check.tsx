/**
 * What the spam filter makes of the message: its points and the rules that fit, or why it could not be asked.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiInbox, type ApiSpam, type ApiSpamRule, fetchSpam } from "../api.js";

const NAMES: Readonly<Record<ApiSpam["filter"], string>> = { rspamd: "Rspamd", spamassassin: "SpamAssassin" };

const LABELS = { problem: "Problem", warning: "Warning", ok: "Good" } as const;

interface SpamCheckProps {
  readonly id: string;
  readonly filter: NonNullable<ApiInbox["spamFilter"]>;
}

export function SpamCheck({ id, filter }: SpamCheckProps): JSX.Element {
  const [found, setFound] = useState<ApiSpam | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  useEffect(() => {
    setFound(undefined);
    setError(undefined);
    fetchSpam(id).then(setFound, (reason: Error) => setError(reason.message));
  }, [id]);
  return (
    <section class="spam" aria-label="Spam filter" aria-busy={found === undefined && error === undefined}>
      <ul class="checks">
        <li>
          {found !== undefined && <Verdict {...found} />}
          {found === undefined && (
            <>
              <span class="level note">Note</span>
              <div>
                <strong>{error === undefined ? `${NAMES[filter]} is asked …` : "No verdict on spam"}</strong>
                {error !== undefined && <p class="dim">{error}</p>}
              </div>
            </>
          )}
        </li>
      </ul>
    </section>
  );
}

function Verdict({ filter, isSpam, score, threshold, action, rules }: ApiSpam): JSX.Element {
  // Rspamd can also put off what is no spam.
  const level = isSpam ? "problem" : action === undefined || action === "no action" ? "ok" : "warning";
  return (
    <>
      <span class={`level ${level}`}>{LABELS[level]}</span>
      <div>
        <strong>
          {NAMES[filter]}: {isSpam ? "spam" : "no spam"}, {inPoints(score)}
        </strong>
        <p class="dim">{limitOf(filter, threshold, action)}</p>
        {rules.length > 0 && (
          <details open={isSpam}>
            <summary class="dim small">{rules.length === 1 ? "1 rule" : `${rules.length} rules`}</summary>
            <ul class="check-list">{rules.map(ruleRow)}</ul>
          </details>
        )}
      </div>
    </>
  );
}

function ruleRow({ name, points, description }: ApiSpamRule): JSX.Element {
  return (
    <li key={name}>
      <strong class={points > 0 ? "warning" : points < 0 ? "ok" : "dim"}>{rounded(points)}</strong> <code>{name}</code>{" "}
      <span class="dim">{description}</span>
    </li>
  );
}

function limitOf(filter: ApiSpam["filter"], threshold: number | undefined, action: string | undefined): string {
  const limit = threshold === undefined ? "" : `${filter === "rspamd" ? "Refused" : "Spam"} from ${threshold} on.`;
  return `${limit}${action === undefined ? "" : ` Action: ${action}.`}`.trim();
}

function inPoints(score: number): string {
  return `${rounded(score)} ${rounded(score) === 1 ? "point" : "points"}`;
}

function rounded(points: number): number {
  return Math.round(points * 100) / 100;
}
