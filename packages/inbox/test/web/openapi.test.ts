import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageStore } from "../../src/store/message-store.js";
import { createApi } from "../../src/web/api.js";
import { MessageFinder } from "../../src/web/embedded.js";
import { OPENAPI } from "../../src/web/openapi.js";
import { Workshop } from "../../src/work/workshop.js";

const METHODS = ["get", "post", "patch", "delete"];

test("every route of the API is described, and every description has its route", () => {
  const store = new MessageStore({ maxMessages: 1, maxBytes: 1 });
  const workshop = new Workshop();
  const inbox = { host: "127.0.0.1", smtpPort: 1025, protocol: "smtp", tls: "none", auth: "none" } as const;
  const routes = createApi({
    store,
    finder: new MessageFinder(store, workshop),
    inbox: () => inbox,
    dkimKeys: {},
    mayReach: () => false,
    workshop,
    release: undefined,
    reply: async () => ({ refusal: "" }),
  })
    .routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method.toLowerCase()} /api${inBraces(path)}`);
  const described = Object.entries(OPENAPI.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => METHODS.includes(key))
      .map((method) => `${method} ${path}`),
  );
  // A route with something before its handler is there twice.
  assert.deepEqual([...new Set(routes)].sort(), described.sort());
});

/** Hono's `:id{pattern}` as OpenAPI's `{id}`. */
function inBraces(path: string): string {
  return path.replace(":id{[^/]+\\.eml}", "{id}.eml").replace(":index{\\d{1,6}}", "{index}").replace(":id", "{id}");
}

test("every reference leads to a schema", () => {
  const text = JSON.stringify(OPENAPI);
  const { schemas } = OPENAPI.components as { schemas: Record<string, unknown> };
  for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) assert.ok(name in schemas, name);
});
