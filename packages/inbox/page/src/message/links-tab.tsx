/**
 * All links of a message, the one that it was sent for on top. Nothing is fetched.
 */
import type { JSX } from "preact";
import type { ApiLink } from "../api.js";
import { CopyButton } from "../copy-button.js";

export function LinksTab({ links }: { readonly links: readonly ApiLink[] }): JSX.Element {
  const sorted = links.toSorted((left, right) => rank(left) - rank(right));
  return (
    <ul class="links">
      {sorted.map(({ url, label, kind }) => (
        <li key={url}>
          <div class="link-words">
            {label !== "" && <bdi>{label}</bdi>}
            {kind !== undefined && (
              <span class={`tag ${kind}`}>{kind === "action" ? "what it was sent for" : kind}</span>
            )}
            {url.startsWith("http:") && <span class="tag warning">without TLS</span>}
            {isWeb(url) ? (
              <a href={url} target="_blank" rel="noreferrer noopener">
                <bdi>{url}</bdi>
              </a>
            ) : (
              // SECURITY: javascript: and its like are shown, and lead nowhere.
              <bdi class="dim">{url}</bdi>
            )}
          </div>
          <CopyButton text={url} what={`the link ${label === "" ? url : label}`.slice(0, 100)} />
        </li>
      ))}
    </ul>
  );
}

function rank({ kind }: ApiLink): number {
  return kind === "action" ? 0 : kind === "unsubscribe" ? 2 : 1;
}

function isWeb(url: string): boolean {
  return /^(?:https?|mailto|tel|sms):/i.test(url);
}
