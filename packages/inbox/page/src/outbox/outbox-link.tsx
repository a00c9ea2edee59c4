/**
 * The way from the inbox to the outbox, where there is one.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fetchInbox } from "../api.js";

export function OutboxLink(): JSX.Element | null {
  const [hasOutbox, setHasOutbox] = useState(false);
  useEffect(() => {
    fetchInbox().then(
      ({ outbox }) => setHasOutbox(outbox === true),
      // The page says that the inbox is away.
      () => undefined,
    );
  }, []);
  if (!hasOutbox) return null;
  return (
    <a class="button" href="/outbox">
      Outbox
    </a>
  );
}
