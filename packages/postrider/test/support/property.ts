/**
 * fast-check, the same on every run: a red test is the fault of the change, and what it found is found again.
 *
 * `POSTRIDER_SEED=random` (or a number) looks elsewhere; a failure prints its seed.
 */
import fc from "fast-check";

const wish = process.env["POSTRIDER_SEED"];

/** 32 bits, as fast-check keeps them. */
export const SEED: number = wish === "random" ? Date.now() | 0 : Number(wish ?? 5321) | 0;

fc.configureGlobal({ seed: SEED });

export { fc };
