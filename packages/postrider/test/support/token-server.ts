/**
 * A token endpoint on this machine that answers what a test says, and records what it is asked (RFC 6749).
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TlsOptions } from "node:tls";

export interface TokenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly fields: Readonly<Record<string, string>>;
}

/** JSON with status 200, or the whole answer. */
export type TokenAnswer =
  | Readonly<Record<string, unknown>>
  | ((response: ServerResponse, request: TokenRequest) => unknown);

export class TokenServer {
  readonly requests: TokenRequest[] = [];
  readonly #server: Server;

  private constructor(answers: readonly TokenAnswer[], tls: TlsOptions | undefined) {
    const receive: Parameters<typeof createServer>[1] = async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      const received: TokenRequest = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        fields: Object.fromEntries(new URLSearchParams(body)),
      };
      const answer = answers[Math.min(this.requests.length, answers.length - 1)];
      this.requests.push(received);
      if (typeof answer === "function") answer(response, received);
      else response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer));
    };
    this.#server = tls === undefined ? createServer(receive) : createTlsServer(tls, receive);
  }

  /** The first answer to the first request, the second to the second; the last one for ever after. */
  static start(...answers: [TokenAnswer, ...TokenAnswer[]]): Promise<TokenServer> {
    return new TokenServer(answers, undefined).#listen();
  }

  static startTls(tls: TlsOptions, ...answers: [TokenAnswer, ...TokenAnswer[]]): Promise<TokenServer> {
    return new TokenServer(answers, tls).#listen();
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the token server does not listen");
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/token`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }
}

/** A refusal as RFC 6749 §5.2 has it. */
export const refusing =
  (status: number, answer: Readonly<Record<string, unknown>> | string): TokenAnswer =>
  (response) =>
    response.writeHead(status).end(typeof answer === "string" ? answer : JSON.stringify(answer));
