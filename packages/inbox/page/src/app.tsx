/**
 * The page as a whole: the bar, the list, the open message, and the keys.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiInbox, deleteAll, deleteMessage, fetchInbox, markRead } from "./api.js";
import { DeleteAllDialog, HelpDialog } from "./dialogs.js";
import { type Command, commandFor } from "./keyboard.js";
import { EmptyInbox } from "./list/empty-inbox.js";
import { MessageList } from "./list/message-list.js";
import { useList } from "./list/use-list.js";
import { MessageView } from "./message/message-view.js";
import { Toolbar } from "./toolbar.js";
import { useRoute } from "./use-route.js";

export function App(): JSX.Element {
  const [route, go] = useRoute();
  const { list, connected, loadMore } = useList(route.query);
  const [inbox, setInbox] = useState<ApiInbox | undefined>(undefined);
  const [dialog, setDialog] = useState<"help" | "delete-all" | undefined>(undefined);
  const searchField = useRef<HTMLInputElement>(null);
  const [failure, setFailure] = useState("");
  const { messages, total, unread, status } = list;
  const attempt = (action: Promise<void>): void => {
    action.then(
      () => setFailure(""),
      (error: Error) => setFailure(error.message),
    );
  };

  useEffect(() => {
    fetchInbox().then(setInbox, () => {});
  }, [connected]);
  useEffect(() => {
    document.title = unread === 0 ? "Inbox" : `(${unread}) Inbox`;
  }, [unread]);

  const openAt = (index: number): void => {
    const message = messages[index];
    if (message !== undefined) go({ message: message.id }, route.message === undefined);
  };
  const openIndex = messages.findIndex(({ id }) => id === route.message);
  const remove = (id: string): void => {
    // The older one comes up in its place, or the newer one at the end of the list.
    const next = messages[openIndex + 1] ?? messages[openIndex - 1];
    attempt(deleteMessage(id));
    go({ message: next?.id === id ? undefined : next?.id });
  };
  const commands: Readonly<Record<Command, () => void>> = {
    next: () => openAt(openIndex + 1),
    previous: () => openAt(openIndex === -1 ? 0 : openIndex - 1),
    search: () => searchField.current?.focus(),
    delete: () => route.message !== undefined && remove(route.message),
    close: () => {
      if (document.activeElement === searchField.current) searchField.current?.blur();
      else go({ message: undefined });
    },
    help: () => setDialog("help"),
  };
  useCommands(commands, dialog === undefined);

  return (
    <div class={`page ${route.message !== undefined ? "message-open" : total === 0 ? "nothing" : ""}`}>
      <Toolbar
        total={total}
        unread={unread}
        connected={connected}
        query={route.query}
        searchField={searchField}
        onSearch={(query) => go({ query })}
        onDeleteAll={() => setDialog("delete-all")}
        onHelp={() => setDialog("help")}
      />
      <main class="panes">
        <nav class="list-pane" aria-label="Messages">
          {failure !== "" && (
            <p class="notice" role="alert">
              {failure}
            </p>
          )}
          {status === "failed" && <p class="notice">{list.error}</p>}
          {status === "ready" && messages.length === 0 && total > 0 && (
            <p class="notice">No message fits the search.</p>
          )}
          <MessageList
            list={list}
            open={route.message}
            onOpen={(id) => go({ message: id }, route.message === undefined)}
            onNeedMore={loadMore}
          />
        </nav>
        <div class="message-pane">
          {route.message !== undefined && (
            <MessageView
              key={route.message}
              id={route.message}
              tab={route.tab}
              read={messages[openIndex]?.read}
              onTab={(tab) => go({ tab })}
              onRead={(read) => attempt(markRead(route.message ?? "", read))}
              onDelete={remove}
              onClose={() => go({ message: undefined })}
            />
          )}
          {route.message === undefined && status === "ready" && total === 0 && <EmptyInbox inbox={inbox} />}
          {route.message === undefined && total > 0 && <p class="notice">Choose a message, or press j.</p>}
        </div>
      </main>
      {dialog === "help" && <HelpDialog onClose={() => setDialog(undefined)} />}
      {dialog === "delete-all" && (
        <DeleteAllDialog total={total} onConfirm={() => attempt(deleteAll())} onClose={() => setDialog(undefined)} />
      )}
    </div>
  );
}

function useCommands(commands: Readonly<Record<Command, () => void>>, active: boolean): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement;
      const command = commandFor(event, typing);
      if (command === undefined) return;
      event.preventDefault();
      latest.current[command]();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [active]);
}
