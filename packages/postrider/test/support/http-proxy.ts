/**
 * An HTTP proxy that knows CONNECT and nothing else (RFC 9110 §9.3.6).
 */
import type { Socket } from "node:net";
import { type Place, type TunnelOptions, TunnelProxy, visitor } from "./tunnel-proxy.js";

export interface ConnectRequest {
  /** Such as `mail.example.com:25`. */
  readonly target: string;
  /** The whole header, without the empty line. */
  readonly header: string;
  readonly authorization: string | undefined;
}

export interface HttpProxyOptions extends TunnelOptions {
  /** What to answer in place of a tunnel; undefined: lead there. */
  readonly answer?: (request: ConnectRequest, socket: Socket) => string | undefined;
  /** Writes the answer and the server's first words in one segment. */
  readonly inOnePiece?: boolean;
}

export class HttpProxy extends TunnelProxy {
  readonly requests: ConnectRequest[] = [];

  private constructor(options: HttpProxyOptions) {
    super(options, (socket) => this.#serve(socket, options));
  }

  static start(options: HttpProxyOptions = {}): Promise<HttpProxy> {
    return new HttpProxy(options).listen();
  }

  async #serve(
    socket: Socket,
    { answer, route = (place) => place, inOnePiece = false }: HttpProxyOptions,
  ): Promise<void> {
    const request = readRequest(await visitor(socket).readUntil("\r\n\r\n"));
    this.requests.push(request);
    const own = answer?.(request, socket);
    if (own !== undefined) {
      // Deno shows the end of a TLS connection to those who read it, and leaves the rest to them.
      socket.on("end", () => socket.destroy()).resume();
      return void socket.write(own, "latin1");
    }
    const place = route(placeOf(request.target));
    if (place === undefined) return void socket.end("HTTP/1.1 502 No such host\r\n\r\n");
    const beyond = await this.reach(place);
    const granted = "HTTP/1.1 200 Connection established\r\n\r\n";
    if (inOnePiece)
      beyond.once("data", (greeting) => this.#joinAfter(socket, beyond, granted + greeting.toString("latin1")));
    else this.#joinAfter(socket, beyond, granted);
  }

  #joinAfter(socket: Socket, beyond: Socket, text: string): void {
    socket.write(text, "latin1");
    this.join(socket, beyond);
  }
}

function readRequest(text: string): ConnectRequest {
  const header = text.slice(0, -4);
  return {
    target: /^CONNECT (\S+) HTTP\/1\.1$/m.exec(header)?.[1] ?? "",
    header,
    authorization: /^Proxy-Authorization: (.*)$/im.exec(header)?.[1],
  };
}

function placeOf(target: string): Place {
  const colon = target.lastIndexOf(":");
  return { host: target.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(target.slice(colon + 1)) };
}
