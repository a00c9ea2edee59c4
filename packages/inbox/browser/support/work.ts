/**
 * How much a page works: the time that its main thread has the processor, which another program on the same machine does not lengthen.
 */
import type { Page } from "playwright-core";

/** Starts to count; the function that it returns tells the milliseconds of the processor since then. */
export async function startWork(page: Page): Promise<() => Promise<number>> {
  const debuggee = await page.context().newCDPSession(page);
  await debuggee.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async (): Promise<number> => {
    const { metrics } = await debuggee.send("Performance.getMetrics");
    const seconds = metrics.find(({ name }) => name === "TaskDuration")?.value;
    if (seconds === undefined) throw new Error("the browser does not tell how long it worked");
    return seconds * 1000;
  };
  const before = await worked();
  return async () => (await worked()) - before;
}
