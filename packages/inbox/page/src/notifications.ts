/**
 * Notifications of the system for mail that arrives while the page is not looked at; only after the reader has switched them on.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiSummary } from "./api.js";
import { shortName } from "./format.js";

const KEY = "notifications";

export interface Notifications {
  /** `"blocked"`: the browser does not allow them; `"absent"`: it has none here. */
  readonly state: "on" | "off" | "blocked" | "absent";
  readonly toggle: () => void;
}

/** @param newest the message on top of the list. */
export function useNotifications(newest: ApiSummary | undefined, onOpen: (id: string) => void): Notifications {
  const [state, setState] = useState<Notifications["state"]>(initial);
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    const before = last.current;
    last.current = newest?.receivedAt ?? before;
    // What was there when the page came is no news, and neither is what an older list shows.
    if (newest === undefined || before === undefined || newest.receivedAt <= before) return;
    if (state !== "on" || !document.hidden) return;
    const notification = new Notification(newest.subject ?? "(no subject)", {
      body: `${shortName(newest.from)} to ${newest.envelope.recipients.slice(0, 3).join(", ")}`,
      icon: "/icon.svg",
      tag: newest.id,
    });
    notification.onclick = () => {
      focus();
      onOpen(newest.id);
      notification.close();
    };
  }, [newest?.id]);

  const toggle = (): void => {
    if (state === "on") {
      localStorage.setItem(KEY, "off");
      setState("off");
      return;
    }
    Notification.requestPermission().then((permission) => {
      const granted = permission === "granted";
      localStorage.setItem(KEY, granted ? "on" : "off");
      setState(granted ? "on" : "blocked");
    });
  };
  return { state, toggle };
}

function initial(): Notifications["state"] {
  if (!("Notification" in globalThis)) return "absent";
  if (Notification.permission === "denied") return "blocked";
  return localStorage.getItem(KEY) === "on" && Notification.permission === "granted" ? "on" : "off";
}
