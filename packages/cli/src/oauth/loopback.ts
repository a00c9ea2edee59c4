/**
 * The port of this machine to which the provider's page sends the browser back.
 *
 * RFC 8252 §7.3 (loopback redirects), §8.3 (no other interface).
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CliError, systemCode } from "../cli-error.js";
import { EXIT } from "../exit-code.js";

const PAGE = (text: string): string => `<!doctype html><meta charset="utf-8"><title>postrider</title><p>${text}</p>`;
/** SECURITY: the page runs nothing, loads nothing, and its address, which holds the code, is told to nobody. */
const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": "default-src 'none'",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
  Connection: "close",
};

export class Loopback implements AsyncDisposable {
  readonly #server: Server;
  readonly redirectUri: string;
  readonly #answered: Promise<URL>;

  private constructor(server: Server, redirectUri: string, answered: Promise<URL>) {
    this.#server = server;
    this.redirectUri = redirectUri;
    this.#answered = answered;
  }

  /** @throws CliError when the port is taken */
  static async open(host: string, port: number): Promise<Loopback> {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if (systemCode(error) !== "EADDRINUSE") throw error;
      throw new CliError(EXIT.unavailable, `--port: ${port} is in use by another program`);
    }
    const redirectUri = `http://${host}:${(server.address() as AddressInfo).port}/`;
    const answered = new Promise<URL>((resolve) => answerRequests(server, redirectUri, resolve));
    return new Loopback(server, redirectUri, answered);
  }

  /** The address that the browser was sent to, with its parameters. @throws CliError when nobody came within the time */
  async answer(timeoutMs: number): Promise<URL> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const why = `no consent within ${timeoutMs / 1000} seconds`;
      timer = setTimeout(() => reject(new CliError(EXIT.tryAgain, why)), timeoutMs);
    });
    try {
      return await Promise.race([this.#answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeIdleConnections();
    await once(this.#server, "close");
  }
}

/** Tells the first request that holds the provider's answer; any other is met with 404. */
function answerRequests(server: Server, redirectUri: string, tell: (answer: URL) => void): void {
  server.on("request", ({ method, url = "" }, response) => {
    const target = URL.canParse(url, redirectUri) ? new URL(url, redirectUri) : undefined;
    const isAnswer = target?.searchParams.has("code") === true || target?.searchParams.has("error") === true;
    if (method !== "GET" || target === undefined || target.pathname !== "/" || !isAnswer) {
      response.writeHead(404, HEADERS).end(PAGE("Nothing is here."));
      return;
    }
    const text = target.searchParams.has("code") ? "Postrider has received the response." : "Consent was denied.";
    response.writeHead(200, HEADERS).end(PAGE(`${text} You can close this window.`));
    tell(target);
  });
}
