/**
 * The caller's trace: every line both ways, as the session shows them.
 *
 * Layer: client. SECURITY: secrets are replaced where the lines are made (protocol/), so that no path can forget to.
 */
import type { TraceEvent } from "../options.js";
import type { WireTrace } from "../protocol/work.js";
import { warnOfWatcher } from "../transport/diagnostics-channel.js";
import type { CommandWatch } from "./command-watch.js";

/** What the caller's trace throws neither breaks the session nor ends the process. */
export type Tracer = (event: TraceEvent) => void;

/** For the session; undefined when nobody looks. */
export function wireTrace(trace: Tracer | undefined, watch: CommandWatch | undefined): WireTrace | undefined {
  if (trace === undefined && watch === undefined) return undefined;
  return {
    client: (line) => trace?.({ type: "client", line }),
    server: (line) => trace?.({ type: "server", line }),
    content: (bytes) => trace?.({ type: "content", bytes }),
    ...(watch === undefined ? {} : { asked: watch.asked, answered: watch.answered }),
  };
}

/** The caller's function, made safe to call in the middle of anything. */
export function guardTrace(trace: Tracer | undefined): Tracer | undefined {
  if (trace === undefined) return undefined;
  return (event) => {
    try {
      trace(event);
    } catch (error) {
      warnOfWatcher("trace", error);
    }
  };
}
