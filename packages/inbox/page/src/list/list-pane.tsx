/**
 * The list with what is to be said about it.
 */
import type { ComponentProps, JSX } from "preact";
import { ListHead } from "./list-head.js";
import { MessageList } from "./message-list.js";

interface ListPaneProps extends ComponentProps<typeof ListHead>, ComponentProps<typeof MessageList> {
  /** Of the last thing that was asked for; empty when all is well. */
  readonly failure: string;
}

export function ListPane({ failure, ...props }: ListPaneProps): JSX.Element {
  const { messages, total, status, error } = props.list;
  const problem = failure === "" && status === "failed" ? error : failure;
  return (
    <nav class="list-pane" aria-label="Messages">
      <ListHead {...props} />
      {problem !== "" && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      {status === "ready" && messages.length === 0 && total > 0 && <p class="notice">No message matches the search.</p>}
      <MessageList {...props} />
    </nav>
  );
}
