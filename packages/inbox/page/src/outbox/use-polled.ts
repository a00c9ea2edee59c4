/**
 * What is asked for again and again while the page is seen: the outbox belongs to other programs too, which change it at any time.
 */
import { useCallback, useEffect, useState } from "preact/hooks";

const PERIOD_MS = 1000;

export interface Polled<Value> {
  readonly value: Value | undefined;
  /** Why the last question failed; empty when it did not. */
  readonly failure: string;
  /** Asks at once. */
  readonly refresh: () => void;
}

/** @param key another one is another question: what was known is forgotten */
export function usePolled<Value>(ask: () => Promise<Value>, key: string): Polled<Value> {
  const [state, setState] = useState<{ key: string; value?: Value | undefined; failure: string }>({ key, failure: "" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const value = await ask();
          if (!isOver) setState({ key, value, failure: "" });
        } catch (error) {
          const failure = error instanceof Error ? error.message : String(error);
          if (!isOver) setState((before) => ({ key, value: before.key === key ? before.value : undefined, failure }));
        }
      }
      if (!isOver) timer = setTimeout(look, PERIOD_MS);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, round]);
  const refresh = useCallback(() => setRound((before) => before + 1), []);
  const isCurrent = state.key === key;
  return { value: isCurrent ? state.value : undefined, failure: isCurrent ? state.failure : "", refresh };
}
