/**
 * A session and a client in one process, without a network: what each writes reaches the other whole, line by line or byte by byte.
 */
import { Duplex } from "node:stream";
import { ServerSession } from "../../src/smtp/session.js";
import type { Asked, Reply, SessionOptions } from "../../src/smtp/session-types.js";

export const CUTS = ["whole", "by line", "by byte"] as const;
export type Cut = (typeof CUTS)[number];

/** What the session has told, in order, without what depends on how the bytes were cut. */
export interface Heard {
  readonly steps: string[];
  readonly messages: { readonly sender: string; readonly recipients: readonly string[]; readonly content: string }[];
}

export interface Played {
  /** For the option `socket` of a client. */
  readonly socket: () => Duplex;
  readonly heard: Heard;
  readonly session: ServerSession;
}

/** @param judge the answer to what is asked; undefined: the session's own. */
export function play(
  options: SessionOptions,
  cut: Cut,
  judge: (asked: Asked) => Reply | readonly Reply[] | undefined = () => undefined,
): Played {
  const session = new ServerSession(options);
  const heard: Heard = { steps: [], messages: [] };
  let content: Uint8Array[] = [];
  const speak = (stream: Duplex): void => {
    for (let asked = session.next(); asked !== undefined; asked = session.next()) {
      if (asked.step === "piece") content.push(asked.bytes);
      else if (asked.step !== "overflow") {
        heard.steps.push(asked.step);
        if (asked.step === "content") {
          const { sender, recipients } = asked;
          heard.messages.push({
            sender,
            recipients: [...recipients],
            content: Buffer.concat(content).toString("utf8"),
          });
          content = [];
        }
        for (const piece of pieces(session.answer(judge(asked)), cut)) stream.push(piece);
      }
    }
    if (session.state === "closed") stream.push(null);
  };
  const socket = (): Duplex => {
    const stream = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => {
        for (const piece of pieces(bytes.toString("latin1"), cut)) {
          session.receive(piece);
          speak(stream);
        }
        done();
      },
      final: (done) => {
        stream.push(null);
        done();
      },
    });
    speak(stream);
    return stream;
  };
  return { socket, heard, session };
}

function pieces(text: string, cut: Cut): Buffer[] {
  const all = cut === "whole" ? [text] : cut === "by line" ? text.split(/(?<=\n)/) : text.split("");
  return all.filter((piece) => piece !== "").map((piece) => Buffer.from(piece, "latin1"));
}
