/**
 * The web side of the inbox: a page and an HTTP API, for this machine only, unless there is a password.
 */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { closed, listen } from "../listen.js";
import { refusal, type WebAccess } from "./guard.js";
import { readPageFiles } from "./page-files.js";
import { COMMON_HEADERS } from "./response-headers.js";
import { createWebApp } from "./web-app.js";
import type { WebContext } from "./web-context.js";

export interface WebSide {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** @throws InboxListenError */
export async function startWebSide(access: WebAccess, wantedPort: number, context: WebContext): Promise<WebSide> {
  const { host } = access;
  const app = createWebApp(context, await readPageFiles());
  // The globals stay as they are: a test that uses this inbox has its own Request and Response.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    // SECURITY: first of all, and before anything of the request is made an address of.
    const refused = refusal(request.method, request.headers, access);
    if (refused === undefined) {
      void answer(request, response);
      return;
    }
    request.resume();
    response.writeHead(refused.status, {
      "Content-Type": "text/plain; charset=utf-8",
      ...(refused.status === 401 ? { "WWW-Authenticate": 'Basic realm="Inbox", charset="UTF-8"' } : {}),
      ...COMMON_HEADERS,
    });
    response.end(refused.reason);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  const port = await listen(server, "webPort", { host, port: wantedPort });
  return {
    port,
    url: `http://${reachable(host)}:${port}/`,
    close: () => {
      const done = closed(server);
      server.close();
      server.closeAllConnections();
      return done;
    },
  };
}

/** All addresses of a machine are none that can be asked. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
