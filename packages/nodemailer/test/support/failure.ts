/**
 * The error of a call that must fail.
 */
import assert from "node:assert/strict";

export type Failure = Error & { readonly code?: string; readonly [name: string]: unknown };

export async function failure(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    return error as Failure;
  }
  assert.fail("the call must fail");
}
