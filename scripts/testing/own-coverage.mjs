// @ts-check
/**
 * Loaded before each test file: the programs that a test starts count no lines. Those that must be covered are the library's, which its own
 * tests run in their own process. PERF: a program of the command would write 1.5 MB, and take a third longer.
 *
 * Layer: scripts.
 */

/** For `node --import`. */
export const OWN_COVERAGE = import.meta.url;

// Node's runner loads this too, and hands the variable on to each file.
if (process.env["NODE_TEST_CONTEXT"] !== undefined) delete process.env["NODE_V8_COVERAGE"];
