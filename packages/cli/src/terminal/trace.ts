/**
 * The dialogue with the server, line by line, on stderr. The library has taken the secrets out.
 */
import type { TraceEvent } from "postrider";
import { note, paint } from "./output.js";

export function traceToStderr(event: TraceEvent): void {
  const [colour, text] = lineOf(event);
  note([paint(colour, text)]);
}

function lineOf(event: TraceEvent): ["cyan" | "green" | "dim", string] {
  switch (event.type) {
    case "client":
      return ["cyan", `> ${event.line}`];
    case "server":
      return ["green", `< ${event.line}`];
    case "content":
      return ["cyan", `> (${event.bytes} bytes of content)`];
    case "connect":
      return ["dim", `* connected to ${event.peer}${event.secure ? ", inside TLS" : ""}`];
    case "secure":
      return ["dim", `* TLS: ${event.protocol ?? "unknown version"}, ${event.cipher ?? "unknown cipher"}`];
    case "close":
      return ["dim", `* closed${event.reason === undefined ? "" : `: ${event.reason}`}`];
  }
}
