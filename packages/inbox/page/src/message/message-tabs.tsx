/**
 * The ways to look at a message.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { wordsToMark } from "../../../src/web/query.js";
import { type ApiChecks, type ApiInbox, type ApiMessage, fetchChecks } from "../api.js";
import { AttachmentsTab } from "./attachments-tab.js";
import { ChecksTab } from "./checks-tab.js";
import { HeadersTab } from "./headers-tab.js";
import { HtmlTab } from "./html-tab.js";
import { LinkRequests, useLinkRequests } from "./link-requests.js";
import { LinksTab } from "./links-tab.js";
import { SavePicture } from "./save-picture.js";
import { SourceTab } from "./source-tab.js";
import { SpamCheck } from "./spam-check.js";
import { TextTab } from "./text-tab.js";
import { FRAME_WIDTHS, WidthChoice } from "./width-choice.js";

type TabName = "html" | "text" | "links" | "attachments" | "checks" | "headers" | "source";

const LABELS: Readonly<Record<TabName, string>> = {
  html: "HTML",
  text: "Text",
  links: "Links",
  attachments: "Attachments",
  checks: "Checks",
  headers: "Headers",
  source: "Source",
};

interface MessageTabsProps {
  readonly message: ApiMessage;
  readonly wanted: string | undefined;
  readonly query: string;
  readonly inbox: ApiInbox | undefined;
  readonly onTab: (tab: string) => void;
  readonly onOpen: (id: string) => void;
}

export function MessageTabs({ message, wanted, query, inbox, onTab, onOpen }: MessageTabsProps): JSX.Element {
  const [found, setFound] = useState<ApiChecks | undefined>(undefined);
  const [width, setWidth] = useState<number | undefined>(FRAME_WIDTHS.desktop);
  const linkRequests = useLinkRequests(message.id);
  useEffect(() => {
    fetchChecks(message.id).then(setFound, () => {});
  }, [message.id]);

  const tabs = tabsOf(message);
  const open = tabs.find((name) => name === wanted) ?? tabs[0] ?? "source";
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = tabs[(tabs.indexOf(open) + step + tabs.length) % tabs.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <>
      <div class="tab-bar">
        <div class="tabs" role="tablist" aria-label="Views of the message" onKeyDown={onKey}>
          {tabs.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={name === open}
              aria-controls="tab-panel"
              tabIndex={name === open ? 0 : -1}
              onClick={() => onTab(name)}
            >
              {LABELS[name]}
              <Badge name={name} message={message} found={found} />
            </button>
          ))}
        </div>
        {open === "html" && (
          <span class="frame-tools">
            <SavePicture message={message} width={width} />
            <WidthChoice width={width} onWidth={setWidth} />
          </span>
        )}
      </div>
      <div class={`tab-panel ${open}-tab`} role="tabpanel" id="tab-panel" aria-labelledby={`tab-${open}`}>
        {open === "html" && <HtmlTab message={message} width={width} />}
        {open === "text" && <TextTab text={message.text ?? ""} words={wordsToMark(query, "text")} />}
        {open === "links" && <LinksTab links={message.links} />}
        {open === "attachments" && <AttachmentsTab message={message} onOpen={onOpen} />}
        {open === "checks" && (
          <>
            <ChecksTab found={found}>
              {inbox?.spamFilter !== undefined && <SpamCheck id={message.id} filter={inbox.spamFilter} />}
            </ChecksTab>
            <LinkRequests links={message.links} {...linkRequests} />
          </>
        )}
        {open === "headers" && <HeadersTab headers={message.headers} />}
        {open === "source" && <SourceTab message={message} />}
      </div>
    </>
  );
}

function tabsOf({ html, text, links, headers, attachments }: ApiMessage): readonly TabName[] {
  return [
    ...(html === undefined ? [] : (["html"] as const)),
    ...(text === undefined ? [] : (["text"] as const)),
    ...(links.length === 0 ? [] : (["links"] as const)),
    ...(attachments.length === 0 ? [] : (["attachments"] as const)),
    "checks",
    ...(headers.length === 0 ? [] : (["headers"] as const)),
    "source",
  ];
}

interface BadgeProps {
  readonly name: TabName;
  readonly message: ApiMessage;
  readonly found: ApiChecks | undefined;
}

function Badge({ name, message, found }: BadgeProps): JSX.Element | null {
  if (name === "attachments") return <span class="badge">{message.attachments.length}</span>;
  if (name === "links") return <span class="badge">{message.links.length}</span>;
  const bad = found?.checks.filter(({ level }) => level === "problem" || level === "warning") ?? [];
  if (name !== "checks" || bad.length === 0) return null;
  const worst = bad.some(({ level }) => level === "problem") ? "problem" : "warning";
  return <span class={`badge ${worst}`}>{bad.length}</span>;
}
