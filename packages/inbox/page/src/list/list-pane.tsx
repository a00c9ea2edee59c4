/**
 * The list with what is to be said about it.
 */
import type { JSX } from "preact";
import type { ListState } from "./list-state.js";
import { MessageList } from "./message-list.js";

interface ListPaneProps {
  readonly list: ListState;
  /** Of the last thing that was asked for; empty when all is well. */
  readonly failure: string;
  readonly open: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onNeedMore: () => void;
}

export function ListPane({ list, failure, open, onOpen, onNeedMore }: ListPaneProps): JSX.Element {
  const { messages, total, status, error } = list;
  const problem = failure === "" && status === "failed" ? error : failure;
  return (
    <nav class="list-pane" aria-label="Messages">
      {problem !== "" && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      {status === "ready" && messages.length === 0 && total > 0 && <p class="notice">No message fits the search.</p>}
      <MessageList list={list} open={open} onOpen={onOpen} onNeedMore={onNeedMore} />
    </nav>
  );
}
