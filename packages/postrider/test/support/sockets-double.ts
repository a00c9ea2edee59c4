/**
 * The sockets API of Cloudflare Workers over Node's net and tls, as strict as workerd: a socket that somebody still reads or writes is
 * never upgraded, `close()` waits while a write waits, and errors say next to nothing. It trusts the authority of the
 * tests.
 */
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { WorkerSocket } from "../../src/options/target.js";
import { keepLastBytes } from "../../src/transport/node/tcp.js";
import { testCertificates } from "./certificates.js";

type SecureTransport = "on" | "off" | "starttls";

interface Facts {
  readonly secureTransport: SecureTransport;
  /** The name that was dialled. */
  readonly host?: string | undefined;
  /** Default: open already. */
  readonly opened?: Promise<unknown> | undefined;
}

/** `SOCKETS_DOUBLE_TRUSTS=node`: the authorities that Node trusts, in place of that of the tests. */
const ca = process.env["SOCKETS_DOUBLE_TRUSTS"] === "node" ? undefined : (await testCertificates()).ca;
const NEVER: Promise<never> = new Promise(() => {});
const bare = (): Error => new Error("internal error; reference = double");

/** As `connect()` of `cloudflare:sockets`. */
export function connect(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  { secureTransport = "off" }: { readonly secureTransport?: SecureTransport } = {},
): WorkerSocket {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = connectTcp({ host, port, noDelay: true });
  keepLastBytes(socket);
  const said = "proxy request failed, cannot connect to the specified address";
  const info = { remoteAddress: `${hostname}:${port}` };
  const opened = settled(socket, "connect", () => new Error(said)).then(() => info);
  if (secureTransport !== "on") return workerSocket(socket, { secureTransport, host, opened });
  const secure = upgrade(socket, host);
  return workerSocket(secure, {
    secureTransport,
    host,
    opened: settled(secure, "secureConnect", () => new Error(said)).then(() => info),
  });
}

/** A socket of that API over a stream of Node. */
export function workerSocket(
  stream: Duplex,
  { secureTransport, host, opened = Promise.resolve({}) }: Facts,
): WorkerSocket {
  let pending = 0;
  let written: Promise<unknown> = Promise.resolve();
  const readable = new ReadableStream<Uint8Array>(
    { pull: async (controller) => deliver(controller, await nextChunk(stream)) },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Uint8Array>({
    async write(chunk) {
      pending += 1;
      const one = new Promise<void>((done, fail) => {
        stream.write(chunk, (error) => (error ? fail(new Error("Network connection lost.")) : done()));
      });
      written = one.catch(() => {});
      await one;
      pending -= 1;
    },
    close: () => new Promise<void>((done) => void stream.end(done)),
  });
  stream.on("error", () => {});
  opened.catch(() => stream.destroy());
  return {
    readable,
    writable,
    opened,
    closed: new Promise((done) => void stream.once("close", done)),
    secureTransport,
    startTls({ expectedServerHostname = host } = {}) {
      if (secureTransport !== "starttls") throw new TypeError("startTls needs secureTransport: 'starttls'");
      if (readable.locked || writable.locked) return workerSocket(stream, { secureTransport: "on", opened: NEVER });
      const secure = upgrade(stream, expectedServerHostname);
      return workerSocket(secure, { secureTransport: "on", host, opened: settled(secure, "secureConnect", bare) });
    },
    async close() {
      if (pending > 0) await written;
      stream.destroy();
    },
  };
}

/** The runtime hands every byte that it has not delivered to the handshake. */
function upgrade(stream: Duplex, name: string | undefined): Duplex {
  if (stream.readableLength > 0) stream.destroy(bare());
  stream.cork();
  queueMicrotask(() => stream.uncork());
  const secure = connectTls({ socket: stream, ca, host: name, servername: /^[\d.]+$|:/.test(name ?? "") ? "" : name });
  return secure.on("close", () => stream.destroy());
}

function deliver(controller: ReadableStreamDefaultController<Uint8Array>, chunk: Uint8Array | Error | null): void {
  if (chunk === null) controller.close();
  else if (chunk instanceof Error) controller.error(chunk);
  else controller.enqueue(new Uint8Array(chunk));
}

/** What comes next: bytes, null for the end. */
function nextChunk(stream: Duplex): Promise<Uint8Array | Error | null> {
  return new Promise((resolve) => {
    const look = (): void => {
      const chunk: Uint8Array | null = stream.read();
      const isOver = stream.readableEnded || stream.destroyed;
      if (chunk === null && !isOver) return;
      stream.off("readable", look).off("end", look).off("close", look);
      const isLost = stream.errored !== null && stream.errored !== undefined;
      const reason = "encrypted" in stream && !/ECONN|EPIPE/.test(String(stream.errored)) ? bare() : undefined;
      resolve(chunk ?? (isLost ? (reason ?? new Error("Network connection lost.")) : null));
    };
    stream.on("readable", look).on("end", look).on("close", look);
    look();
  });
}

function settled(stream: Duplex, event: "connect" | "secureConnect", failure: () => Error): Promise<unknown> {
  const opened = new Promise((resolve, reject) => {
    // A reset right behind the connection is told to the reader.
    stream.once("error", (error: Error & { code?: string }) =>
      event === "connect" && error.code === "ECONNRESET" ? resolve({}) : reject(failure()),
    );
    stream.once(event, resolve).once("close", () => reject(failure()));
  });
  opened.catch(() => {});
  return opened;
}
