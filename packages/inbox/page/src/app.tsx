/**
 * The page as a whole: the bar, the list, the open message, and the keys.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { deleteAll, deleteMessage, markRead } from "./api.js";
import { DeleteAllDialog, HelpDialog } from "./dialogs.js";
import { ListPane } from "./list/list-pane.js";
import { useList } from "./list/use-list.js";
import { MessagePane } from "./message/message-pane.js";
import { Toolbar } from "./toolbar.js";
import { useAttempts } from "./use-attempts.js";
import { useCommands } from "./use-commands.js";
import { useRoute } from "./use-route.js";

export function App(): JSX.Element {
  const [{ message: open, tab, query }, go] = useRoute();
  const { list, connected, loadMore } = useList(query);
  const [dialog, setDialog] = useState<"help" | "delete-all" | undefined>(undefined);
  const [failure, attempt] = useAttempts();
  const searchField = useRef<HTMLInputElement>(null);
  const { messages, total, unread } = list;
  const row = messages.findIndex(({ id }) => id === open);

  useEffect(() => {
    document.title = unread === 0 ? "Inbox" : `(${unread}) Inbox`;
  }, [unread]);
  // The way back from the first message that is opened is the list, and not all the messages in between.
  const show = (id: string | undefined): void => go({ message: id }, open === undefined && id !== undefined);
  const showRow = (index: number): void => {
    const id = messages[index]?.id;
    if (id !== undefined) show(id);
  };
  const remove = (id: string): void => {
    attempt(deleteMessage(id));
    // The older one comes up in its place, or the newer one at the end of the list.
    show((messages[row + 1] ?? messages[row - 1])?.id);
  };
  const close = (): void => show(undefined);
  useCommands(
    {
      next: () => showRow(row + 1),
      previous: () => showRow(Math.max(0, row - 1)),
      search: () => searchField.current?.focus(),
      delete: () => open !== undefined && remove(open),
      close: () => (document.activeElement === searchField.current ? searchField.current?.blur() : close()),
      help: () => setDialog("help"),
    },
    dialog === undefined,
  );

  const noDialog = (): void => setDialog(undefined);
  return (
    <div class={`page ${open !== undefined ? "message-open" : total === 0 ? "nothing" : ""}`}>
      <Toolbar
        total={total}
        unread={unread}
        connected={connected}
        query={query}
        searchField={searchField}
        onSearch={(wanted) => go({ query: wanted })}
        onDeleteAll={() => setDialog("delete-all")}
        onHelp={() => setDialog("help")}
      />
      <main class="panes">
        <ListPane list={list} failure={failure} open={open} onOpen={show} onNeedMore={loadMore} />
        <MessagePane
          id={open}
          list={list}
          tab={tab}
          read={messages[row]?.read}
          onTab={(name) => go({ tab: name })}
          onRead={(read) => open !== undefined && attempt(markRead(open, read))}
          onDelete={remove}
          onClose={close}
        />
      </main>
      {dialog === "help" && <HelpDialog onClose={noDialog} />}
      {dialog === "delete-all" && (
        <DeleteAllDialog total={total} onConfirm={() => attempt(deleteAll())} onClose={noDialog} />
      )}
    </div>
  );
}
