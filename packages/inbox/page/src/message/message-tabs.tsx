/**
 * The ways to look at a message.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiCheck, type ApiMessage, fetchChecks } from "../api.js";
import { AttachmentsTab } from "./attachments-tab.js";
import { ChecksTab } from "./checks-tab.js";
import { HeadersTab } from "./headers-tab.js";
import { HtmlTab } from "./html-tab.js";
import { SourceTab } from "./source-tab.js";
import { TextTab } from "./text-tab.js";

type TabName = "html" | "text" | "headers" | "source" | "attachments" | "checks";

const LABELS: Readonly<Record<TabName, string>> = {
  html: "HTML",
  text: "Text",
  headers: "Headers",
  source: "Source",
  attachments: "Attachments",
  checks: "Checks",
};

interface MessageTabsProps {
  readonly message: ApiMessage;
  readonly wanted: string | undefined;
  readonly onTab: (tab: string) => void;
}

export function MessageTabs({ message, wanted, onTab }: MessageTabsProps): JSX.Element {
  const [checks, setChecks] = useState<readonly ApiCheck[] | undefined>(undefined);
  useEffect(() => {
    fetchChecks(message.id).then(setChecks, () => {});
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
            <Badge name={name} message={message} checks={checks} />
          </button>
        ))}
      </div>
      <div class={`tab-panel ${open}-tab`} role="tabpanel" id="tab-panel" aria-labelledby={`tab-${open}`}>
        {open === "html" && <HtmlTab message={message} />}
        {open === "text" && <TextTab text={message.text ?? ""} />}
        {open === "headers" && <HeadersTab headers={message.headers} />}
        {open === "source" && <SourceTab message={message} />}
        {open === "attachments" && <AttachmentsTab attachments={message.attachments} />}
        {open === "checks" && <ChecksTab checks={checks} />}
      </div>
    </>
  );
}

function tabsOf({ html, text, headers, attachments }: ApiMessage): readonly TabName[] {
  return [
    ...(html === undefined ? [] : (["html"] as const)),
    ...(text === undefined ? [] : (["text"] as const)),
    ...(headers.length === 0 ? [] : (["headers"] as const)),
    "source",
    ...(attachments.length === 0 ? [] : (["attachments"] as const)),
    "checks",
  ];
}

interface BadgeProps {
  readonly name: TabName;
  readonly message: ApiMessage;
  readonly checks: readonly ApiCheck[] | undefined;
}

function Badge({ name, message, checks }: BadgeProps): JSX.Element | null {
  if (name === "attachments") return <span class="badge">{message.attachments.length}</span>;
  const found = checks?.filter(({ level }) => level === "problem" || level === "warning") ?? [];
  if (name !== "checks" || found.length === 0) return null;
  const worst = found.some(({ level }) => level === "problem") ? "problem" : "warning";
  return <span class={`badge ${worst}`}>{found.length}</span>;
}
