// @ts-check
/**
 * Says how far a long run has come: on a terminal in one line that is written again and again, elsewhere a line for each tenth.
 *
 * Layer: scripts.
 */

const ERASE_LINE = "\r\x1b[2K";

/**
 * @param {number} total
 * @param {string} what Such as `"examples"`.
 * @returns {{ step: (now: string) => void, end: () => void }} `step` says what begins now.
 */
export function progress(total, what) {
  const { isTTY, columns } = process.stdout;
  let done = 0;
  return {
    step: (now) => {
      const text = `${done} of ${total} ${what}`;
      if (isTTY) process.stdout.write(`${ERASE_LINE}${`${text}  ${now}`.slice(0, Math.max(20, (columns || 80) - 1))}`);
      else if (done % Math.ceil(total / 10) === 0) console.log(text);
      done += 1;
    },
    end: () => void (isTTY && process.stdout.write(ERASE_LINE)),
  };
}
