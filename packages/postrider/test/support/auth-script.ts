/**
 * The server's side of AUTH for the acceptance tests, and the credentials that they share.
 */
import { type ConnectionOptions, SmtpClient } from "../../src/index.js";
import { plain } from "./plain-client.js";
import { type Answer, ask, type Reply, type Script } from "./script.js";
import type { ScriptedServer } from "./scripted-server.js";

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** RFC 2195 §3. */
export const CRAM = {
  challenge: "<1896.697170952@postoffice.reston.mci.net>",
  username: "tim",
  password: "tanstaaftanstaaf",
  response: "tim b913a602c7eda7a495b4e6e7334d3890",
} as const;

export const OK = "235 2.7.0 welcome";

/** Asks what each mechanism asks, and ends with what the table says of it; a mechanism that it does not hold gets 504. */
export const judge =
  (verdicts: Readonly<Record<string, Answer>>): Reply =>
  (command) => {
    const [mechanism = "", initial] = command.argument.split(" ");
    const verdict = verdicts[mechanism.toUpperCase()];
    if (verdict === undefined) return "504 5.5.4 unknown mechanism";
    if (mechanism === "CRAM-MD5") return ask(`334 ${base64(CRAM.challenge)}`, () => verdict);
    if (mechanism === "LOGIN") {
      const password: Answer = ask(`334 ${base64("Password:")}`, () => verdict);
      return initial === undefined ? ask(`334 ${base64("Username:")}`, () => password) : password;
    }
    return initial === undefined ? ask("334 ", () => verdict) : verdict;
  };

export const offering = (methods: string, verdicts: Readonly<Record<string, Answer>>): Script => ({
  extensions: [`AUTH ${methods}`],
  replies: { AUTH: judge(verdicts) },
});

export const withPassword = (server: ScriptedServer, options: ConnectionOptions = {}): ConnectionOptions => ({
  ...plain(server),
  username: CRAM.username,
  password: CRAM.password,
  ...options,
});

/** Connects, and says NOOP so that a client that waits with AUTH for the first command has done it. */
export async function connected(options: ConnectionOptions): Promise<SmtpClient> {
  const client = await SmtpClient.connect(options);
  try {
    await client.noop();
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}
