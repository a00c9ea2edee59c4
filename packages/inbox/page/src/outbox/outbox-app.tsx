/**
 * The tab of the outbox: what is owed, by state, and one message beside it.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatTime } from "../format.js";
import { useAttempts } from "../use-attempts.js";
import { type ApiOutboxList, type ApiOutboxMessage, changeOutbox, fetchOutbox } from "./outbox-api.js";
import { OutboxMessageView } from "./outbox-message.js";
import { State } from "./state.js";
import { usePolled } from "./use-polled.js";

interface Place {
  readonly id: string | undefined;
  readonly state: string | undefined;
}

const readPlace = (): Place => ({
  id: /^\/outbox\/([0-9a-f-]{36})$/.exec(location.pathname)?.[1],
  state: new URLSearchParams(location.search).get("state") ?? undefined,
});

const addressOf = ({ id, state }: Place): string =>
  `/outbox${id === undefined ? "" : `/${id}`}${state === undefined ? "" : `?${new URLSearchParams({ state })}`}`;

export function OutboxApp(): JSX.Element {
  const [place, setPlace] = useState(readPlace);
  const { id, state } = place;
  const { value: list, failure, refresh } = usePolled(() => fetchOutbox(state), state ?? "");
  const [refusal, attempt] = useAttempts();
  useEffect(() => {
    document.title = "Outbox";
    const onBack = (): void => setPlace(readPlace());
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  const go = (next: Place): void => {
    history.pushState(null, "", addressOf(next));
    setPlace(next);
  };
  const act = (action: Promise<void>): void => attempt(action.then(refresh));
  return (
    <div class={`outbox ${id === undefined ? "" : "outbox-open"}`}>
      <header class="outbox-bar">
        <h1>Outbox</h1>
        <a class="button" href="/">
          Inbox
        </a>
        {list !== undefined && <Pause list={list} onChange={(action) => act(changeOutbox(action))} />}
      </header>
      {(failure !== "" || refusal !== "") && (
        <p class="outbox-failure" role="alert">
          {failure === "" ? refusal : failure}
        </p>
      )}
      <main class="outbox-panes">
        <div class="outbox-list">
          {list !== undefined && <States list={list} state={state} onChoose={(chosen) => go({ id, state: chosen })} />}
          {list !== undefined && <Rows list={list} place={place} onOpen={(one) => go({ id: one, state })} />}
        </div>
        <div class="outbox-message">
          {id === undefined ? (
            <p class="notice">Choose a message.</p>
          ) : (
            <OutboxMessageView key={id} id={id} onAct={act} onClose={() => go({ id: undefined, state })} />
          )}
        </div>
      </main>
    </div>
  );
}

interface PauseProps {
  readonly list: ApiOutboxList;
  readonly onChange: (action: "pause" | "resume") => void;
}

function Pause({ list, onChange }: PauseProps): JSX.Element {
  const { paused } = list.stats;
  return (
    <>
      <span role="status" class={paused === undefined ? "dim" : "outbox-bad"}>
        {paused === undefined ? "Delivering" : `Paused: ${paused.reason ?? "by a person"}`}
      </span>
      <button type="button" class="button" onClick={() => onChange(paused === undefined ? "pause" : "resume")}>
        {paused === undefined ? "Pause" : "Resume"}
      </button>
    </>
  );
}

interface StatesProps {
  readonly list: ApiOutboxList;
  readonly state: string | undefined;
  readonly onChoose: (state: string | undefined) => void;
}

function States({ list, state, onChoose }: StatesProps): JSX.Element {
  const total = Object.values(list.stats.messages).reduce((sum, count) => sum + count, 0);
  const shown = Object.entries(list.stats.messages).filter(([name, count]) => count > 0 || name === state);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend that this does not want
    <div class="outbox-states" role="group" aria-label="Show">
      <button type="button" class="button" aria-pressed={state === undefined} onClick={() => onChoose(undefined)}>
        all {total}
      </button>
      {shown.map(([name, count]) => (
        <button key={name} type="button" class="button" aria-pressed={name === state} onClick={() => onChoose(name)}>
          {name} {count}
        </button>
      ))}
    </div>
  );
}

interface RowsProps {
  readonly list: ApiOutboxList;
  readonly place: Place;
  readonly onOpen: (id: string) => void;
}

function Rows({ list, place, onOpen }: RowsProps): JSX.Element {
  if (list.messages.length === 0) return <p class="notice">Nothing here.</p>;
  return (
    <>
      <ul>
        {list.messages.map((message) => (
          <li key={message.id}>
            <Row message={message} place={place} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {list.isMore && <p class="notice">The newest {list.messages.length} are shown.</p>}
    </>
  );
}

function Row({
  message,
  place,
  onOpen,
}: { readonly message: ApiOutboxMessage } & Omit<RowsProps, "list">): JSX.Element {
  const { id, subject, recipients, createdAt, state } = message;
  const [first, ...others] = recipients;
  const next = recipients.find(({ nextAt }) => nextAt !== undefined)?.nextAt;
  const onClick = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(id);
  };
  return (
    <a href={addressOf({ ...place, id })} aria-current={id === place.id ? "true" : undefined} onClick={onClick}>
      <span class="outbox-line">
        <bdi class="outbox-cut">
          {first?.address}
          {others.length > 0 && ` and ${others.length} more`}
        </bdi>
        <time class="dim" dateTime={createdAt}>
          {formatTime(new Date(createdAt), new Date())}
        </time>
      </span>
      <bdi class="outbox-cut">{subject === undefined || subject === "" ? "(no subject)" : subject}</bdi>
      <span class="outbox-line">
        <State state={state} />
        {next !== undefined && <span class="dim">next {formatTime(new Date(next), new Date())}</span>}
      </span>
    </a>
  );
}
