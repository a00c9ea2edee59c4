/**
 * The connection is cut after every byte of either side, by FIN, by RST and by silence: what the caller is told of each
 * message is true of what the server took.
 */
import { test } from "node:test";
import { cutEverywhere } from "./cut-everywhere.js";
import type { Dialogue } from "./faults.js";

const PIPELINING = ["SIZE", "8BITMIME", "PIPELINING"];
const CHUNKING = [...PIPELINING, "CHUNKING"];
const THREE = [["a", "b"], ["nobody", "c"], ["d"]] as const;

const DIALOGUES: readonly Dialogue[] = [
  { name: "one command at a time", by: "client", extensions: [], messages: [["a", "nobody", "b"], ["c"]] },
  { name: "one call, with QUIT in the last write", by: "send", extensions: PIPELINING, messages: [["a", "nobody"]] },
  { name: "pipelined", by: "client", extensions: PIPELINING, messages: THREE },
  { name: "a window of BDAT", by: "client", extensions: CHUNKING, messages: THREE },
  {
    name: "a window of BDAT, no recipient accepted",
    by: "client",
    extensions: CHUNKING,
    messages: [["nobody"], ["a"]],
  },
  { name: "BDAT of a stream", by: "client", extensions: CHUNKING, messages: [["a"], ["b"]], isStreamed: true },
  {
    name: "LMTP",
    by: "client",
    extensions: PIPELINING,
    messages: [
      ["a", "b"],
      ["nobody", "c"],
    ],
    lmtp: true,
    options: { protocol: "lmtp" },
  },
  {
    name: "LMTP by BDAT",
    by: "client",
    extensions: CHUNKING,
    messages: [["a", "b"], ["c"]],
    lmtp: true,
    options: { protocol: "lmtp" },
  },
  { name: "a pool, pipelined", by: "pool", extensions: PIPELINING, messages: THREE },
  { name: "a pool, by BDAT", by: "pool", extensions: CHUNKING, messages: THREE },
];

for (const dialogue of DIALOGUES) {
  test(`${dialogue.name}: every cut is told truly`, (context) => cutEverywhere(dialogue, context));
}
