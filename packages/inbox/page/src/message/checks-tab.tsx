/**
 * What receivers would complain about: a score, then what is wrong, then what is good, folded.
 */
import type { ComponentChildren, JSX } from "preact";
import type { ApiCheck, ApiChecks } from "../api.js";

const LABELS: Readonly<Record<ApiCheck["level"], string>> = {
  problem: "Problem",
  warning: "Warning",
  note: "Note",
  ok: "Good",
};

interface ChecksTabProps {
  readonly found: ApiChecks | undefined;
  /** Stands below the score. */
  readonly children: ComponentChildren;
}

export function ChecksTab({ found, children }: ChecksTabProps): JSX.Element {
  if (found === undefined) return <p class="notice">Checking …</p>;
  const { checks, score } = found;
  const good = checks.filter(({ level }) => level === "ok");
  const other = checks.filter(({ level }) => level !== "ok");
  return (
    <>
      <div class="score">
        <strong class={score >= 90 ? "ok" : score >= 60 ? "warning" : "problem"}>{score}</strong>
        <span class="dim">of 100</span>
        <p>
          {verdictOf(checks)} <span class="dim small">Based on the message alone; nothing was fetched.</span>
        </p>
      </div>
      {children}
      <ul class="checks">{other.map(checkRow)}</ul>
      {good.length > 0 && (
        <details class="good-checks" open={other.length === 0}>
          <summary>{good.length} that are good</summary>
          <ul class="checks">{good.map(checkRow)}</ul>
        </details>
      )}
    </>
  );
}

function checkRow({ id, level, title, detail, list = [] }: ApiCheck): JSX.Element {
  return (
    <li key={id}>
      <span class={`level ${level}`}>{LABELS[level]}</span>
      <div>
        <strong>{title}</strong>
        <p class="dim">{detail}</p>
        {list.length > 0 && (
          <ul class="check-list">
            {list.map(({ text, detail: more, url }) => (
              <li key={text}>
                <code>{text}</code> <span class="dim">{more}</span>
                {url !== undefined && (
                  <a href={url} target="_blank" rel="noreferrer noopener" aria-label={`${text} on caniemail.com`}>
                    caniemail
                  </a>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function verdictOf(checks: readonly ApiCheck[]): string {
  const count = (level: ApiCheck["level"]): number => checks.filter((check) => check.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems + warnings === 0) return "Nothing to complain about.";
  const said = [
    ...(problems === 0 ? [] : [problems === 1 ? "1 problem" : `${problems} problems`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? "1 warning" : `${warnings} warnings`]),
  ];
  return `${said.join(" and ")}.`;
}
