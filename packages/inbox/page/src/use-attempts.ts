/**
 * What the reader asks for may fail: the last failure in words, until something succeeds.
 */
import { useCallback, useState } from "preact/hooks";

export type Attempt = (action: Promise<void>) => void;

export function useAttempts(): readonly [failure: string, attempt: Attempt] {
  const [failure, setFailure] = useState("");
  const attempt = useCallback<Attempt>((action) => {
    action.then(
      () => setFailure(""),
      (error: Error) => setFailure(error.message),
    );
  }, []);
  return [failure, attempt];
}
