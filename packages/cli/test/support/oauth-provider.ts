/**
 * A provider of OAuth 2 whose user has consented already: its page sends the browser back at once, and its token endpoint checks what
 * RFC 6749 §4.1.3 and RFC 7636 §4.6 ask for.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface ProviderScript {
  /** What the page answers in place of a code. */
  readonly error?: string | undefined;
  /** Sent back in place of the state that was given. */
  readonly state?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly status?: number | undefined;
}

export class OAuthProvider {
  readonly url: string;
  /** Parameters that the page and the token endpoint were given. */
  readonly asked: Record<string, string>[] = [];
  readonly #script: ProviderScript;
  #challenge = "";

  private constructor(url: string, script: ProviderScript) {
    this.url = url;
    this.#script = script;
  }

  static async start(t: TestContext, script: ProviderScript = {}): Promise<OAuthProvider> {
    const server = createServer((request, response) => void one.#answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const one = new OAuthProvider(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, script);
    return one;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    if (request.method === "GET") return this.#consent(url.searchParams, response);
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += String(piece);
    const given = new URLSearchParams(body);
    this.asked.push(Object.fromEntries(given));
    const challenge = createHash("sha256")
      .update(given.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight = given.get("code") === "the-code" && challenge === this.#challenge;
    const status = this.#script.status ?? (isRight || given.get("grant_type") === "refresh_token" ? 200 : 400);
    response.writeHead(status, { "Content-Type": "application/json" });
    const { refreshToken = "refresh-1" } = this.#script;
    const tokens = { access_token: "access-1", token_type: "Bearer", expires_in: 3600, refresh_token: refreshToken };
    const granted = refreshToken === "" ? { ...tokens, refresh_token: undefined } : tokens;
    response.end(JSON.stringify(status === 200 ? granted : { error: "invalid_grant", error_description: "it is old" }));
  }

  #consent(given: URLSearchParams, response: ServerResponse): void {
    this.asked.push(Object.fromEntries(given));
    this.#challenge = given.get("code_challenge") ?? "";
    const back = new URL(given.get("redirect_uri") ?? "");
    const { error, state = given.get("state") ?? "" } = this.#script;
    back.searchParams.set(error === undefined ? "code" : "error", error ?? "the-code");
    back.searchParams.set("state", state);
    response.writeHead(302, { Location: back.href }).end();
  }
}
