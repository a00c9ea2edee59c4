/**
 * One attempt that several callers share: each gives up by itself, and the attempt ends when all have.
 *
 * Layer: client.
 */
import { onAbort } from "../abort.js";
import { SmtpTimeoutError } from "../errors.js";

interface Caller {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that this caller waits in all; default: as long as the attempt takes. */
  readonly timeout?: number | undefined;
}

export class SharedAttempt<T> {
  readonly #result: Promise<T>;
  readonly #giveUp: (reason: unknown) => void;
  #callers = 0;

  /** @param giveUp is told the reason of the last caller who left. */
  constructor(result: Promise<T>, giveUp: (reason: unknown) => void) {
    this.#result = result;
    this.#giveUp = giveUp;
  }

  /** The result of the attempt. @throws the attempt's error; `signal.reason`; SmtpTimeoutError after `timeout`. */
  join({ signal, timeout }: Caller): Promise<T> {
    this.#callers++;
    return new Promise<T>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let ignoreAbort: (() => void) | undefined;
      const stop = (): void => {
        clearTimeout(timer);
        ignoreAbort?.();
      };
      const leave = (reason: unknown): void => {
        stop();
        reject(reason);
        if (--this.#callers === 0) this.#giveUp(reason);
      };
      if (signal !== undefined) ignoreAbort = onAbort(signal, () => leave(signal.reason));
      if (timeout !== undefined) timer = setTimeout(() => leave(lateError(timeout)), timeout);
      this.#result.then(
        (value) => {
          stop();
          resolve(value);
        },
        (error: unknown) => {
          stop();
          reject(error);
        },
      );
    });
  }
}

function lateError(timeout: number): SmtpTimeoutError {
  return new SmtpTimeoutError({ phase: "connect", timeout, waitingFor: "the connect() that is under way" });
}
