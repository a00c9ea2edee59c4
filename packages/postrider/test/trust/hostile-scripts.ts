/**
 * Servers that do not play by the rules, and what a client must say of each.
 */
import { Buffer } from "node:buffer";
import type { AnySmtpError } from "../../src/index.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { ehlo, type Peer } from "./hostile-peer.js";

export type Code = AnySmtpError["code"];

export interface HostileScript {
  readonly name: string;
  readonly play: (peer: Peer) => Promise<void> | void;
  /** What kind of error may come of it. */
  readonly codes: readonly Code[];
  /** Default: "not-sent". */
  readonly outcome?: "unknown" | "not-sent" | "either";
  readonly options?: ConnectionOptions;
  /** The server waits for the client to give up: its timeout is short. */
  readonly isSilent?: boolean;
}

export const BINARY: Buffer = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) & 0xff));

/** The places of a dialogue at which a server may turn: what it says well before, and the verb that it then answers badly. */
const STEPS = ["EHLO", "MAIL", "RCPT", "DATA"] as const;

export const at =
  (step: (typeof STEPS)[number] | "GREETING" | "CONTENT", turn: (peer: Peer) => Promise<void> | void) =>
  async (peer: Peer): Promise<void> => {
    if (step !== "GREETING") {
      peer.say("220 hostile");
      await peer.until(step === "CONTENT" ? "DATA" : step);
      if (step === "CONTENT") {
        peer.say("354 go on");
        await peer.content();
      }
    }
    await turn(peer);
  };

export const LOST: readonly Code[] = ["disconnected"];
export const PROTOCOL: readonly Code[] = ["protocol"];
/** What nobody asked for closes the connection; a call that comes after that finds it closed. */
export const UNASKED: readonly Code[] = ["protocol", "disconnected"];

/** The same turn at every step, from the greeting to the end of the content. */
function everywhere(
  what: string,
  turn: (peer: Peer) => Promise<void> | void,
  rest: Omit<HostileScript, "name" | "play" | "outcome">,
): HostileScript[] {
  return (["GREETING", ...STEPS, "CONTENT"] as const).map((step) => ({
    name: `${what} in place of the reply to ${step}`,
    play: at(step, turn),
    ...rest,
    outcome: step === "CONTENT" ? "unknown" : "not-sent",
  }));
}

export const SILENT: { readonly isSilent: true } = { isSilent: true } as const;
/** In clear text, from the greeting to the end of the content. */
export const PLAIN_SCRIPTS: readonly HostileScript[] = [
  ...everywhere("FIN", (peer) => peer.fin(), { codes: LOST }),
  ...everywhere("RST", (peer) => peer.rst(), { codes: LOST }),
  ...everywhere("silence", () => undefined, { codes: ["timeout"], ...SILENT }),
  ...everywhere("binary garbage", (peer) => peer.write(BINARY), { codes: PROTOCOL }),
  ...everywhere("an endless line", (peer) => peer.flood("x"), { codes: PROTOCOL }),
  ...everywhere("endless continuations", (peer) => peer.flood("250-more\r\n"), { codes: PROTOCOL }),
  ...everywhere("a drip without a line end", (peer) => peer.drip("250 and on "), {
    codes: ["protocol", "timeout"],
    ...SILENT,
  }),
  ...everywhere("a code that changes", (peer) => peer.say("250-a", "550 b"), { codes: PROTOCOL }),
  ...everywhere("half a reply, then FIN", (peer) => peer.last("250-hal"), { codes: LOST }),
  ...everywhere("NUL bytes without end", (peer) => peer.flood(Buffer.alloc(1024)), { codes: PROTOCOL }),
  ...everywhere("empty lines without end", (peer) => peer.flood("\r\n"), { codes: PROTOCOL }),
  ...everywhere("421", (peer) => peer.last("421 going down\r\n"), {
    codes: ["greeting", "reply", "hello", "sender-refused", "recipients-refused", "data", "disconnected"],
  }).map((script) => ({ ...script, outcome: "either" as const })),
  { name: "codes that do not exist", play: at("MAIL", (peer) => peer.say("999 what")), codes: PROTOCOL },
  { name: "a code of one digit", play: at("MAIL", (peer) => peer.say("2 what")), codes: PROTOCOL },
  {
    name: "an intermediate reply to MAIL",
    play: at("MAIL", (peer) => peer.say("354 go on")),
    codes: ["sender-refused", "protocol"],
    ...SILENT,
  },
  {
    name: "a 334 to RCPT",
    play: at("RCPT", (peer) => peer.say("334 who")),
    codes: ["recipients-refused", "protocol"],
    ...SILENT,
  },
  {
    name: "250 to DATA",
    play: at("DATA", (peer) => peer.say("250 taken already")),
    codes: ["data", "protocol"],
    ...SILENT,
  },
  {
    name: "354 after the content, again",
    play: at("CONTENT", (peer) => peer.say("354 more")),
    codes: ["data", "protocol"],
    outcome: "either",
  },
  { name: "the greeting of a web server", play: (peer) => peer.say("HTTP/1.1 400 Bad Request", ""), codes: PROTOCOL },
  {
    name: "a greeting of 10 000 lines",
    play: (peer) => peer.say(...Array.from({ length: 10_000 }, () => "220-x"), "220 x"),
    codes: PROTOCOL,
  },
  { name: "endless greetings", play: (peer) => peer.flood("220 hostile\r\n"), codes: ["protocol", "disconnected"] },
  {
    name: "all replies before any command",
    play: (peer) => peer.say("220 a", "250 b", "250 c", "250 d", "354 e", "250 taken"),
    codes: UNASKED,
  },
  { name: "a reply too many to MAIL", play: at("MAIL", (peer) => peer.say("250 OK", "250 OK")), codes: PROTOCOL },
  {
    name: "a reply too many to DATA",
    play: at("DATA", (peer) => peer.say("354 go on", "250 taken")),
    codes: PROTOCOL,
    outcome: "either",
  },
  {
    name: "an EHLO of 100 000 keywords",
    play: at("EHLO", (peer) => peer.flood(`250-${"X".repeat(40)}\r\n`)),
    codes: PROTOCOL,
  },
  {
    name: "an EHLO with a line of 1 MB",
    play: at("EHLO", (peer) => peer.say(`250-AUTH${" ".repeat(1 << 20)}`, "250 OK")),
    codes: PROTOCOL,
  },
  {
    name: "EHLO refused a thousand times",
    play: async (peer) => {
      peer.say("220 hostile");
      while ((await peer.line()) !== "") peer.say("500 no");
    },
    codes: ["hello"],
  },
  {
    name: "never reading",
    play: (peer) => {
      peer.say("220 hostile", ...ehlo(["PIPELINING"]), "250 OK", "250 OK", "354 go on");
      peer.deaf();
    },
    codes: ["timeout", ...UNASKED],
    ...SILENT,
  },
  {
    name: "never reading the content",
    play: at("DATA", (peer) => {
      peer.say("354 go on");
      peer.deaf();
    }),
    codes: ["timeout"],
    outcome: "either",
    ...SILENT,
  },
  {
    name: "REFUSED after the envelope and FIN",
    play: at("RCPT", (peer) => peer.last("550 no\r\n")),
    codes: ["recipients-refused", "disconnected"],
  },
  {
    name: "PIPELINING, and fewer replies than commands",
    play: async (peer) => {
      peer.say("220 hostile");
      await peer.until("MAIL", "PIPELINING");
      peer.say("250 OK", "250 OK");
    },
    codes: ["timeout"],
    ...SILENT,
  },
  {
    name: "PIPELINING, and more replies than commands",
    play: async (peer) => {
      peer.say("220 hostile");
      await peer.until("MAIL", "PIPELINING");
      peer.say("250 OK", "250 OK", "354 go on", "250 taken", "250 taken", "250 taken");
    },
    codes: ["data", ...UNASKED],
    outcome: "either",
  },
  {
    name: "the content refused without end",
    play: async (peer) => {
      peer.say("220 hostile");
      await peer.until("DATA");
      peer.say("354 go on");
      await peer.content();
      await peer.flood("554 no\r\n");
    },
    codes: ["data", "protocol", "disconnected"],
    outcome: "either",
  },
  {
    name: "LMTP: a reply too few after the content",
    play: at("CONTENT", (peer) => peer.say("250 taken")),
    codes: ["timeout"],
    outcome: "unknown",
    options: { protocol: "lmtp" },
    ...SILENT,
  },
];
