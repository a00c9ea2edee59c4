/**
 * The thread itself: takes one task after the other from the program and answers each.
 */
import { parentPort } from "node:worker_threads";
import { TASKS, type TaskInput, type Tasks } from "./tasks.js";

/** What the program asks for. */
export type ThreadRequest = {
  readonly [Name in keyof Tasks]: { readonly task: Name; readonly input: TaskInput<Name> };
}[keyof Tasks];

/** A result, or why there is none. */
export type ThreadAnswer = { readonly result: unknown } | { readonly error: string };

parentPort?.on("message", ({ task, input }: { task: keyof Tasks; input: never }) => {
  // PERF: bytes are moved, not copied.
  TASKS[task](input).then(
    (result) => parentPort?.postMessage({ result } satisfies ThreadAnswer, buffersOf(result)),
    (error: unknown) => parentPort?.postMessage({ error: String(error) } satisfies ThreadAnswer),
  );
});

function buffersOf(result: unknown): ArrayBuffer[] {
  const views: unknown[] = [result];
  if (typeof result === "object" && result !== null) {
    if ("content" in result) views.push(result.content);
    if ("attachments" in result && Array.isArray(result.attachments))
      views.push(...result.attachments.map((one: { content: Uint8Array }) => one.content));
  }
  return views.flatMap((view) => (ArrayBuffer.isView(view) ? [view.buffer as ArrayBuffer] : []));
}
