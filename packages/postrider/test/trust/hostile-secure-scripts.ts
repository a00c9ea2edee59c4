/**
 * Servers that do not play by the rules of STARTTLS, TLS and AUTH, and proxies that do not by theirs.
 */
import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { ehlo, type Peer } from "./hostile-peer.js";
import { at, BINARY, type Code, type HostileScript, LOST, PROTOCOL, SILENT, UNASKED } from "./hostile-scripts.js";

type Turn = (peer: Peer) => Promise<void> | void;

const AUTH = { username: "ann", password: "secret" } as const;
const TLS = { hostname: "localhost", startTls: true } as const;

/** The reply to STARTTLS, and the client is in its handshake when the rest comes. */
const goAhead =
  (rest: Turn): Turn =>
  async (peer) => {
    peer.say("220 go ahead");
    for (let turns = 0; turns < 3; turns++) await turn();
    await rest(peer);
  };

const STARTTLS_TURNS: readonly (readonly [name: string, turn: Turn, codes: readonly Code[]])[] = [
  [
    "replies behind the 220 to STARTTLS",
    (peer) => peer.write("220 go ahead\r\n250-x\r\n250 AUTH PLAIN\r\n"),
    ["tls", "protocol"],
  ],
  ["garbage in place of the handshake", goAhead((peer) => peer.write(BINARY)), ["tls"]],
  ["SMTP in place of the handshake", goAhead((peer) => peer.say("250 OK")), ["tls"]],
  ["FIN in place of the handshake", goAhead((peer) => peer.fin()), ["disconnected", "tls"]],
  ["RST in place of the handshake", goAhead((peer) => peer.rst()), ["disconnected", "tls"]],
  ["half a record of TLS", goAhead((peer) => peer.write(Buffer.from("160303004002", "hex"))), ["timeout", "tls"]],
  [
    "a record of TLS that claims 64 KB",
    goAhead((peer) => peer.flood(Buffer.from("160303ffff", "hex"))),
    ["tls", "disconnected"],
  ],
  ["an alert in place of the handshake", goAhead((peer) => peer.write(Buffer.from("15030300020228", "hex"))), ["tls"]],
];

const afterTls =
  (secureContext: SecureContext, extensions: readonly string[], rest: Turn) =>
  async (peer: Peer): Promise<void> => {
    peer.say("220 hostile");
    await peer.until("STARTTLS", "STARTTLS");
    peer.say("220 go ahead");
    await peer.secure(secureContext);
    await peer.until("EHLO");
    peer.say(...ehlo(extensions));
    await rest(peer);
  };

/** For a client that trusts `ca`; the server has a certificate that holds. */
export function secureScripts(ca: string, secureContext: SecureContext): readonly HostileScript[] {
  const tls: ConnectionOptions = { ...TLS, tls: { ca } };
  const implicit: ConnectionOptions = { hostname: "localhost", useTls: true, tls: { ca } };
  const auth =
    (answer: Turn, methods = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256") =>
    async (peer: Peer): Promise<void> => {
      peer.say("220 hostile");
      await peer.until("AUTH", `AUTH ${methods}`);
      await answer(peer);
    };
  return [
    {
      name: "STARTTLS that is not offered",
      play: at("STARTTLS" as "EHLO", () => undefined),
      codes: ["not-supported"],
      options: tls,
    },
    ...["454 no", "500 what", "250 fine", "354 go on"].map(
      (reply): HostileScript => ({
        name: `${reply} to STARTTLS`,
        play: async (peer) => {
          peer.say("220 hostile");
          await peer.until("STARTTLS", "STARTTLS");
          peer.say(reply);
        },
        codes: ["reply", "protocol"],
        options: tls,
      }),
    ),
    ...STARTTLS_TURNS.map(
      ([name, turn, codes]): HostileScript => ({
        name,
        play: async (peer) => {
          peer.say("220 hostile");
          await peer.until("STARTTLS", "STARTTLS");
          await turn(peer);
        },
        codes,
        options: tls,
        ...(name.startsWith("half") ? SILENT : {}),
      }),
    ),
    {
      name: "TLS from the first byte, answered in clear text",
      play: (peer) => peer.say("220 hostile"),
      codes: ["tls"],
      options: implicit,
    },
    {
      name: "TLS from the first byte, answered by garbage",
      play: (peer) => peer.write(BINARY),
      codes: ["tls"],
      options: implicit,
    },
    {
      name: "TLS from the first byte, answered by silence",
      play: () => undefined,
      codes: ["timeout"],
      options: implicit,
      ...SILENT,
    },
    {
      name: "inside TLS: AUTH gone after STARTTLS",
      play: afterTls(secureContext, [], () => undefined),
      codes: ["not-supported"],
      options: { ...tls, ...AUTH },
    },
    {
      name: "inside TLS: an endless line",
      play: afterTls(secureContext, [], async (peer) => {
        await peer.line();
        await peer.flood("x");
      }),
      codes: PROTOCOL,
      options: tls,
    },
    {
      name: "inside TLS: STARTTLS offered again, and FIN",
      play: afterTls(secureContext, ["STARTTLS"], async (peer) => {
        await peer.line();
        peer.fin();
      }),
      codes: LOST,
      options: tls,
    },
    {
      name: "endless challenges",
      play: auth(async (peer) => {
        for (let turn = 0; turn < 10_000 && peer.socket.writable; turn++) {
          peer.say("334 ");
          if ((await peer.line()) === "") return;
        }
      }),
      codes: ["authentication", "protocol"],
      options: AUTH,
    },
    {
      name: "a challenge of 1 MB",
      play: auth((peer) => peer.say(`334 ${"A".repeat(1 << 20)}`)),
      codes: PROTOCOL,
      options: AUTH,
    },
    {
      name: "challenges without end in one write",
      play: auth((peer) => peer.flood("334 \r\n")),
      codes: ["authentication", ...UNASKED],
      options: AUTH,
    },
    {
      name: "a challenge that is no base64",
      play: auth(async (peer) => {
        peer.say("334 ???");
        await peer.line();
        peer.say("501 no");
      }),
      codes: ["authentication"],
      options: AUTH,
    },
    {
      name: "235 to SCRAM without a proof",
      play: auth((peer) => peer.say("235 welcome"), "SCRAM-SHA-256"),
      codes: PROTOCOL,
      options: AUTH,
    },
    {
      name: "SCRAM with 2^31 iterations",
      play: auth(async (peer) => {
        peer.say(`334 ${Buffer.from("r=abc,s=QSXCR+Q6sek8bf92,i=2147483647").toString("base64")}`);
        await peer.line();
        peer.say("501 no");
      }, "SCRAM-SHA-256"),
      codes: ["authentication"],
      options: AUTH,
    },
    { name: "AUTH answered by FIN", play: auth((peer) => peer.fin()), codes: LOST, options: AUTH },
    {
      name: "AUTH answered by 421",
      play: auth((peer) => peer.last("421 no\r\n")),
      codes: ["authentication", "disconnected"],
      options: AUTH,
    },
    { name: "AUTH answered by silence", play: auth(() => undefined), codes: ["timeout"], options: AUTH, ...SILENT },
    {
      name: "an endless list of mechanisms",
      play: at("EHLO", (peer) =>
        peer.say(...ehlo(Array.from({ length: 100 }, (_, index) => `AUTH ${"X-A ".repeat(1000)}${index}`))),
      ),
      codes: ["not-supported"],
      options: AUTH,
    },
  ];
}

/** What a proxy may say in place of 200. */
export const PROXY_ANSWERS: readonly (readonly [name: string, play: Turn])[] = [
  ["garbage", (peer) => peer.write(BINARY)],
  ["SMTP", (peer) => peer.say("220 hostile")],
  [
    "an endless header",
    (peer) => {
      peer.write("HTTP/1.1 200 OK\r\n");
      return peer.flood("X-A: b\r\n");
    },
  ],
  [
    "an endless status line",
    (peer) => {
      peer.write("HTTP/1.1 200 ");
      return peer.flood("x");
    },
  ],
  [
    "407 and an endless body",
    (peer) => {
      peer.write("HTTP/1.1 407 Who\r\n\r\n");
      return peer.flood("x");
    },
  ],
  ["FIN", (peer) => peer.fin()],
  ["RST", (peer) => peer.rst()],
  ["silence", () => undefined],
];
