/**
 * What the web side answers: the page and its files, the HTML of a message for its frame, and the API.
 */
import { type Context, Hono } from "hono";
import { createOutboxSide } from "../outbox/outbox-side.js";
import { plain } from "../work/tasks.js";
import { createApi } from "./api.js";
import { problem } from "./api-problem.js";
import { listAddress } from "./list-address.js";
import type { PageFiles } from "./page-files.js";
import { COMMON_HEADERS, PAGE_POLICY } from "./response-headers.js";
import type { WebContext } from "./web-context.js";

/** Methods that an address takes, by the pattern of the address; any other is answered with 405. */
const METHODS: readonly (readonly [path: RegExp, methods: string])[] = [
  [/^\/api\/messages$/, "GET, PATCH, DELETE"],
  [/^\/api\/messages\/restore$/, "POST"],
  [/^\/api\/messages\/wait$/, "GET"],
  [/^\/api\/messages\/[^/]+\/(?:release|reply|request-links)$/, "POST"],
  [/^\/api\/messages\/[^/]+\.eml$/, "GET"],
  [/^\/api\/messages\/[^/]+$/, "GET, PATCH, DELETE"],
  [/^\/outbox\/api(?:\/messages\/[^/]+)?$/, "GET, PATCH"],
  [/^\//, "GET"],
];

/** Of an address in a header field. */
const MAX_PRELOAD = 1000;

const NOT_BUILT = "The page is not built; npm run build does that. The API works without it.";

export function createWebApp(context: WebContext, files: PageFiles): Hono {
  const app = new Hono();
  app.use(async (call, next) => {
    for (const [name, value] of Object.entries(COMMON_HEADERS)) call.header(name, value);
    const allowed = METHODS.find(([path]) => path.test(call.req.path))?.[1] ?? "";
    if (!allowed.split(", ").includes(call.req.method === "HEAD" ? "GET" : call.req.method)) {
      call.header("Allow", allowed);
      return problem(call, 405, "This address does not take that method.");
    }
    return next();
  });
  app.route("/api", createApi(context));
  app.get("/messages/:id/html", async (call) => {
    const stored = await context.finder.find(call.req.param("id"));
    if (stored === undefined) return nothing(call);
    const input = { message: plain(stored.message), remote: call.req.query("remote") === "1" };
    const { content, policy } = await context.workshop.run("frame", input, stored.message.size);
    return call.body(Uint8Array.from(content), 200, {
      "Content-Type": "text/html; charset=UTF-8",
      "Content-Security-Policy": policy,
    });
  });
  app.get("/messages/:id/print", async (call) => {
    const stored = await context.finder.find(call.req.param("id"));
    if (stored === undefined) return nothing(call);
    const { content, policy } = await context.workshop.run(
      "print",
      { message: plain(stored.message) },
      stored.message.size,
    );
    return call.body(Uint8Array.from(content), 200, {
      "Content-Type": "text/html; charset=UTF-8",
      "Content-Security-Policy": policy,
    });
  });
  const page = (call: Context): Response => file(call, files, "/index.html");
  // PERF: the list comes while the browser still reads the scripts of the page.
  const listPage = (call: Context): Response => {
    const address = listAddress(call.req.query("q") ?? "");
    if (address.length <= MAX_PRELOAD) call.header("Link", `<${address}>; rel=preload; as=fetch; crossorigin`);
    return page(call);
  };
  app.get("/", listPage);
  if (context.outbox !== undefined) {
    app.route("/outbox/api", createOutboxSide(context.outbox, context.store));
    app.get("/outbox", page);
    app.get("/outbox/:id", page);
  }
  app.get("/messages/:id", listPage);
  app.get("/assets/*", (call) => {
    const answer = file(call, files, call.req.path);
    // PERF: the name changes with the content. Nothing of the mail is in it.
    if (answer.ok) answer.headers.set("Cache-Control", "private, max-age=31536000, immutable");
    return answer;
  });
  app.get("/icon.svg", (call) => file(call, files, call.req.path));
  app.notFound(nothing);
  app.onError((error, call) => problem(call, 500, `The inbox failed to show this: ${error.message}`));
  return app;
}

function nothing(call: Context): Response {
  return problem(call, 404, "There is nothing at this address.");
}

function file(call: Context, files: PageFiles, path: string): Response {
  const found = files.get(path);
  if (found === undefined) return path === "/index.html" ? problem(call, 500, NOT_BUILT) : nothing(call);
  call.header("Content-Type", found.contentType);
  if (path === "/index.html") call.header("Content-Security-Policy", PAGE_POLICY);
  return call.body(Uint8Array.from(found.content));
}
