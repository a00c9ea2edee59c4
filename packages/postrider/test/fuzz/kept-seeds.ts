/** Runs that once failed: a target, and the seed and path that fast-check printed. They run first, always. */

export interface KeptSeed {
  readonly target: string;
  readonly seed: number;
  readonly path: string;
}

export const KEPT_SEEDS: readonly KeptSeed[] = [];
