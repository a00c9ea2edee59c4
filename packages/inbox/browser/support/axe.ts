/**
 * What axe says of a page: faults that people meet who do not see it, or use no mouse.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** What axe finds, but for the inside of the frame: that is the sender's. */
export async function findings(page: Page): Promise<string[]> {
  // The policy of the page lets no script in that is not its own; the debugger is not asked.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run: (context: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
      };
    };
    return (await axe.run({ exclude: ["iframe"] })).violations;
  });
  return found.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`);
}
