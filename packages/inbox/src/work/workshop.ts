/**
 * Where tasks run: small messages in place, large ones in a thread, one task at a time and each for a limited time, so that no
 * message can stop the SMTP side or the page.
 */
import { Worker } from "node:worker_threads";
import { TASKS, type TaskInput, type TaskResult, type Tasks } from "./tasks.js";
import type { ThreadAnswer } from "./thread.js";

/**
 * Messages up to this many bytes are worked on in place. PERF: a thread takes 50 ms to start, and the most that somebody could
 * make of so few bytes was less than that (nested multiparts, 8 000 fields, 15 000 addresses).
 */
const IN_PLACE_BYTES = 32 * 1024;

/** SECURITY: work that takes longer is given up. A message of 64 MB takes some seconds at the worst. */
export const TASK_LIMIT_MS = 20_000;

/** SECURITY: what the heap of the thread may take; a message that needs more is given up. Its bytes are not in the heap. */
const MAX_HEAP_MB = 1024;

/** Why a task has no result, in words for people. */
export class WorkError extends Error {
  /** The name of the class. */
  override readonly name = "WorkError";
}

interface Item {
  readonly task: keyof Tasks;
  readonly input: unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

export class Workshop {
  readonly #script: URL;
  readonly #waiting: Item[] = [];
  #current: Item | undefined;
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param script the module of the thread. */
  constructor(script: URL = new URL("./thread.js", import.meta.url)) {
    this.#script = script;
  }

  /**
   * Runs a task.
   *
   * @param size bytes of the message that it is about.
   * @throws WorkError when it takes too long or too much memory, fails, or the inbox is closed.
   */
  run<Name extends keyof Tasks>(task: Name, input: TaskInput<Name>, size: number): Promise<TaskResult<Name>> {
    if (this.#closed) return Promise.reject(closedError());
    if (size <= IN_PLACE_BYTES) return (TASKS[task] as (input: unknown) => Promise<TaskResult<Name>>)(input);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, input, resolve, reject });
      this.#next();
    });
  }

  /** Gives up what is under way or waiting, and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    await this.#giveUp(closedError());
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    const { task, input } = this.#current;
    const thread = this.#thread ?? this.#start();
    // Only work keeps the program alive: a test that is done ends.
    thread.ref();
    this.#timer = setTimeout(
      () => this.#giveUp(new WorkError(`Cancelled: the work took longer than ${TASK_LIMIT_MS / 1000} s.`)),
      TASK_LIMIT_MS,
    );
    thread.postMessage({ task, input });
  }

  #start(): Worker {
    const thread = new Worker(this.#script, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    this.#thread = thread;
    thread.on("message", (answer: ThreadAnswer) => {
      if (thread !== this.#thread) return;
      thread.unref();
      this.#settle((item) => {
        if ("error" in answer) item.reject(new WorkError(answer.error));
        else item.resolve(answer.result as never);
      });
    });
    // Out of memory, mostly. The next task has a new thread.
    thread.on("error", (error) => {
      if (thread === this.#thread) void this.#giveUp(new WorkError(`Cancelled: ${error.message}`));
    });
    return thread;
  }

  async #giveUp(reason: WorkError): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#settle((item) => item.reject(reason));
    await thread?.terminate();
  }

  #settle(settle: (item: Item) => void): void {
    clearTimeout(this.#timer);
    const item = this.#current;
    this.#current = undefined;
    if (item !== undefined) settle(item);
    if (!this.#closed) this.#next();
  }
}

function closedError(): WorkError {
  return new WorkError("The inbox is closed.");
}
