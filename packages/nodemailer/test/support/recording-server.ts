/**
 * An SMTP server that keeps what it gets, for both libraries.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  type Answer,
  type Asked,
  ServedConnection,
  type ServerSession,
  type SessionOptions,
} from "@postrider/inbox/session";

/** One message as it arrived. */
export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export interface RecordingServer extends AsyncDisposable {
  readonly port: number;
  readonly arrived: Arrived[];
}

export interface RecordingOptions extends SessionOptions {
  /** What is said to a step; undefined: that all is well. */
  readonly answer?: ((step: Asked, session: ServerSession) => Answer) | undefined;
}

/** Takes everything, on loopback, without TLS, and with a login for whoever wants one. */
export async function startServer({ answer, ...session }: RecordingOptions = {}): Promise<RecordingServer> {
  const arrived: Arrived[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    let content: Uint8Array[] = [];
    new ServedConnection(socket, {
      session: {
        auth: "optional",
        extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8"],
        mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"],
        nonce: () => `<${Math.random()}@localhost>`,
        ...session,
      },
      take: (step, of) => {
        if (step.step === "piece") content.push(step.bytes);
        if (step.step === "piece" || step.step === "overflow") return undefined;
        const said = answer?.(step, of);
        if (step.step === "content") {
          if (said === undefined) {
            arrived.push({ from: step.sender, to: [...step.recipients], raw: Buffer.concat(content) });
          }
          content = [];
        }
        return said;
      },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    arrived,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
