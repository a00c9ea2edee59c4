/**
 * A SOCKS proxy: versions 5 (RFC 1928, RFC 1929) and 4a, CONNECT only.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type Place, type TunnelOptions, TunnelProxy, type Visitor, visitor } from "./tunnel-proxy.js";

export interface SocksProxyOptions extends TunnelOptions {
  /** Asked for by version 5. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** The code of the reply to a wish; default 0: leads there. */
  readonly refuse?: number;
  /** What the proxy sends in place of all it should. */
  readonly instead?: (socket: Socket) => void;
  /** Writes the last reply and the server's first words in one segment. */
  readonly inOnePiece?: boolean;
}

export interface SocksRequest extends Place {
  readonly version: number;
  /** User name of version 4, or the pair that logged in. */
  readonly user: string | undefined;
}

const NO_LOGIN = 0;
const PASSWORD = 2;
const NOTHING_FITS = 0xff;
const GRANTED_4 = 90;

export class SocksProxy extends TunnelProxy {
  readonly requests: SocksRequest[] = [];

  private constructor(options: SocksProxyOptions) {
    super(options, (socket) => this.#serve(visitor(socket), options));
  }

  static start(options: SocksProxyOptions = {}): Promise<SocksProxy> {
    return new SocksProxy(options).listen();
  }

  async #serve(client: Visitor, options: SocksProxyOptions): Promise<void> {
    if (options.instead !== undefined) {
      options.instead(client.socket);
      // Read on, or the end of the client would not be seen.
      return void client.socket.resume();
    }
    const [version = 0] = await client.read(1);
    const wish = version === 4 ? await readWish4(client) : await readWish5(client, options);
    if (wish === undefined) return;
    const request = { version, ...wish };
    this.requests.push(request);
    const { refuse = 0, route = (place) => place } = options;
    const place = refuse === 0 ? route(request) : undefined;
    if (place === undefined) return void client.socket.write(refusal(version, refuse === 0 ? 4 : refuse));
    this.#lead(client.socket, await this.reach(place), granted(version), options.inOnePiece ?? false);
  }

  #lead(socket: Socket, beyond: Socket, reply: Buffer, inOnePiece: boolean): void {
    const start = (bytes: Buffer): void => {
      socket.write(bytes);
      this.join(socket, beyond);
    };
    if (inOnePiece) beyond.once("data", (greeting: Buffer) => start(Buffer.concat([reply, greeting])));
    else start(reply);
  }
}

async function readWish5(
  client: Visitor,
  { credentials }: SocksProxyOptions,
): Promise<(Place & { user: string | undefined }) | undefined> {
  const [count = 0] = await client.read(1);
  const offered = await client.read(count);
  const method = credentials === undefined ? NO_LOGIN : PASSWORD;
  client.socket.write(Buffer.of(5, offered.includes(method) ? method : NOTHING_FITS));
  if (!offered.includes(method)) return undefined;
  const user = credentials === undefined ? undefined : await readLogin(client);
  if (credentials !== undefined) {
    const isKnown = user === `${credentials.username}:${credentials.password}`;
    client.socket.write(Buffer.of(1, isKnown ? 0 : 1));
    if (!isKnown) return undefined;
  }
  const [, , , kind = 0] = await client.read(4);
  const host = await readHost(client, kind);
  return { host, port: (await client.read(2)).readUInt16BE(), user };
}

async function readLogin(client: Visitor): Promise<string> {
  await client.read(1);
  return `${await readCounted(client)}:${await readCounted(client)}`;
}

async function readHost(client: Visitor, kind: number): Promise<string> {
  if (kind === 1) return (await client.read(4)).join(".");
  if (kind === 3) return readCounted(client);
  const groups = (await client.read(16)).toString("hex").match(/.{4}/g) ?? [];
  return groups.join(":");
}

async function readCounted(client: Visitor): Promise<string> {
  const [length = 0] = await client.read(1);
  return (await client.read(length)).toString();
}

async function readWish4(client: Visitor): Promise<Place & { user: string | undefined }> {
  const wish = await client.read(7);
  const port = wish.readUInt16BE(1);
  const address = [...wish.subarray(3)];
  const user = (await client.readUntil("\0")).slice(0, -1);
  const isName = address.slice(0, 3).every((byte) => byte === 0);
  const host = isName ? (await client.readUntil("\0")).slice(0, -1) : address.join(".");
  return { host, port, user: user === "" ? undefined : user };
}

const granted = (version: number): Buffer =>
  version === 4 ? Buffer.of(0, GRANTED_4, 0, 0, 0, 0, 0, 0) : Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

const refusal = (version: number, code: number): Buffer =>
  version === 4 ? Buffer.of(0, code, 0, 0, 0, 0, 0, 0) : Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
