/**
 * The web side of the inbox: a page and a small HTTP API, for this machine only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closed, listen } from "../listen.js";
import { refusal } from "./guard.js";
import { text, type WebResponse } from "./response.js";
import { answer, type WebContext } from "./routes.js";

export interface WebSide {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** @throws InboxListenError */
export async function startWebSide(host: string, wantedPort: number, context: WebContext): Promise<WebSide> {
  const server = createServer((request, response) => {
    // Bodies are of no use here; unread they would keep the connection from its next request.
    request.resume();
    write(response, respond(request, context));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  const port = await listen(server, "webPort", { host, port: wantedPort });
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`,
    close: () => {
      const done = closed(server);
      server.close();
      server.closeAllConnections();
      return done;
    },
  };
}

function respond({ method, url, headers }: IncomingMessage, context: WebContext): WebResponse {
  const refused = refusal(method, headers);
  if (refused !== undefined) return text(403, refused);
  try {
    return answer(method ?? "GET", url ?? "/", context);
  } catch (error) {
    return text(500, `The inbox failed to show this: ${error instanceof Error ? error.message : error}`);
  }
}

function write(response: ServerResponse, { status, headers, body }: WebResponse): void {
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { "Content-Length": Buffer.byteLength(body) }) });
  response.end(body);
}
