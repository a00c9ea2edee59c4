/**
 * The page as a whole: the bar, the list, the open message, and the keys.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Chosen, markRead } from "./api.js";
import { NAME } from "./brand.js";
import { DeleteAllDialog, HelpDialog } from "./dialogs.js";
import { ListPane } from "./list/list-pane.js";
import { useList } from "./list/use-list.js";
import { useSelection } from "./list/use-selection.js";
import { MessagePane } from "./message/message-pane.js";
import { useNotifications } from "./notifications.js";
import { Toast } from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { useAttempts } from "./use-attempts.js";
import { useCommands } from "./use-commands.js";
import { useDeletion } from "./use-deletion.js";
import { useFold } from "./use-fold.js";
import { usePreview } from "./use-preview.js";
import { useRoute } from "./use-route.js";

export function App(): JSX.Element {
  const [{ message: chosen, tab, query }, go] = useRoute();
  const { list, connected, loadMore } = useList(query);
  const [dialog, setDialog] = useState<"help" | "delete-all" | undefined>(undefined);
  const [failure, attempt] = useAttempts();
  const [folded, toggleFold] = useFold();
  const searchField = useRef<HTMLInputElement>(null);
  const { messages, total, unread } = list;
  const selection = useSelection(messages, query);
  const preview = usePreview(list, chosen);
  const open = chosen ?? preview.shown;
  const row = messages.findIndex(({ id }) => id === rowId(open));
  const read = messages[row]?.read;

  useEffect(() => {
    document.title = unread === 0 ? NAME : `(${unread}) ${NAME}`;
  }, [unread]);
  // The way back from the first message that is opened is the list, and not all the messages in between. Every message opens on
  // its first tab.
  const show = (id: string | undefined): void => {
    preview.end();
    go({ message: id, tab: undefined }, chosen === undefined && id !== undefined);
  };
  const showRow = (index: number): void => {
    const id = messages[index]?.id;
    if (id !== undefined) show(id);
  };
  const deletion = useDeletion(attempt);
  const remove = (id: string): void => {
    deletion.remove({ ids: [id] }, 1);
    // The older one comes up in its place, or the newer one at the end of the list.
    show((messages[row + 1] ?? messages[row - 1])?.id);
  };
  const close = (): void => show(undefined);
  const removeSeveral = (several: Chosen, count: number): void => {
    deletion.remove(several, count);
    const isOpenOne = several === "all" || ("ids" in several && several.ids.includes(open ?? ""));
    if (open !== undefined && isOpenOne) close();
  };
  const { selected, selectNone } = selection;
  const mark = (wanted: boolean): void => {
    if (open !== undefined) attempt(markRead(open, wanted));
  };
  useCommands(
    {
      next: () => showRow(preview.shown !== undefined && chosen === undefined ? row : row + 1),
      previous: () => showRow(Math.max(0, row - 1)),
      search: () => searchField.current?.focus(),
      select: () => open !== undefined && row !== -1 && selection.toggle(messages[row]?.id ?? "", false),
      unread: () =>
        selected.size > 0
          ? deletion.mark(
              { ids: [...selected] },
              messages.some(({ id, read: known }) => selected.has(id) && !known),
            )
          : mark(read === false),
      delete: () => {
        if (selected.size > 0) removeSeveral({ ids: [...selected] }, selected.size);
        else if (open !== undefined) remove(open);
      },
      undo: deletion.undo,
      close: () => {
        if (document.activeElement === searchField.current) searchField.current?.blur();
        else if (selected.size > 0) selectNone();
        else close();
      },
      help: () => setDialog("help"),
    },
    dialog === undefined,
  );

  const search = (wanted: string): void => go({ query: wanted });
  const notifications = useNotifications(query === "" ? messages[0] : undefined, show);
  const noDialog = (): void => setDialog(undefined);
  return (
    <div class={`page ${chosen !== undefined ? "message-open" : total === 0 ? "nothing" : ""}`}>
      <Toolbar
        total={total}
        unread={unread}
        connected={connected}
        query={query}
        searchField={searchField}
        notifications={notifications}
        onSearch={search}
        onDeleteAll={() => setDialog("delete-all")}
        onHelp={() => setDialog("help")}
      />
      <main class="panes">
        <ListPane
          list={list}
          failure={failure}
          open={rowId(open)}
          chosen={rowId(chosen)}
          selected={selected}
          folded={folded}
          onFold={toggleFold}
          onOpen={show}
          onSelect={selection.toggle}
          onSelectAll={selection.selectAll}
          onSelectNone={selectNone}
          onMark={deletion.mark}
          onDelete={removeSeveral}
          onSearch={search}
          onNeedMore={loadMore}
        />
        <MessagePane
          id={open}
          chosen={chosen !== undefined}
          list={list}
          tab={tab}
          read={read}
          onTab={(name) => go({ message: open, tab: name })}
          onRead={mark}
          onDelete={remove}
          onClose={close}
          onOpen={show}
          onPrevious={row > 0 ? () => showRow(row - 1) : undefined}
          onNext={row !== -1 && row < messages.length - 1 ? () => showRow(row + 1) : undefined}
        />
      </main>
      <Toast toast={deletion.toast} onGone={deletion.hide} />
      {dialog === "help" && <HelpDialog onClose={noDialog} />}
      {dialog === "delete-all" && (
        <DeleteAllDialog total={total} onConfirm={() => removeSeveral("all", total)} onClose={noDialog} />
      )}
    </div>
  );
}

/** Of the message in the list; one that is attached to it has more in its id: `3.1`. */
function rowId(id: string | undefined): string | undefined {
  return id?.split(".")[0];
}
