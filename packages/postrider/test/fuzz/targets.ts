/** Everything that is fuzzed. */
import type { FuzzTarget } from "./fuzz-target.js";
import { ADDRESS_TARGETS } from "./targets/addresses.js";
import { CONTENT_TARGETS } from "./targets/content.js";
import { DKIM_TARGETS } from "./targets/dkim.js";
import { HEADER_TARGETS } from "./targets/headers.js";
import { OPTION_TARGETS } from "./targets/options.js";
import { REPLY_TARGETS } from "./targets/replies.js";
import { SASL_TARGETS } from "./targets/sasl.js";

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...REPLY_TARGETS,
  ...ADDRESS_TARGETS,
  ...HEADER_TARGETS,
  ...CONTENT_TARGETS,
  ...SASL_TARGETS,
  ...DKIM_TARGETS,
  ...OPTION_TARGETS,
];
