// @ts-check
/**
 * Runs a block of the guide that is a worker of Cloudflare's: gives it the modules that workerd has, the sockets by the double of the
 * library's tests, and asks it for a page, twice.
 *
 * Layer: scripts. Needs the tests of the library built.
 */

import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../workspace/root.mjs";

const SOCKETS = String(pathToFileURL(join(ROOT, "packages/postrider/build/test/support/sockets-double.js")));
const WORKERS = `data:text/javascript,${encodeURIComponent(
  "export class DurableObject { constructor(context, env) { this.ctx = context; this.env = env; } }",
)}`;
const HOOKS = `const modules = ${JSON.stringify({ "cloudflare:sockets": SOCKETS, "cloudflare:workers": WORKERS })};
export const resolve = (name, context, next) =>
  name in modules ? { url: modules[name], shortCircuit: true } : next(name, context);`;

/** What a page may find in `env`, beside its Durable Object. */
const SECRETS = { SMTP_PASSWORD: "secret" };

register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
process.env.SOCKETS_DOUBLE_TRUSTS = "node";
const double = await import(SOCKETS);
const original = process.getBuiltinModule;
process.getBuiltinModule = /** @type {any} */ (
  (/** @type {any} */ name) => (name === "cloudflare:sockets" ? double : original.call(process, name))
);

const { default: worker, ...classes } = await import(String(pathToFileURL(process.argv[2] ?? "")));
/** @type {Record<string, unknown>} */
const env = { ...SECRETS };
for (const [name, Class] of Object.entries(classes)) {
  const instance = new Class({}, env);
  env[name.toUpperCase()] = { idFromName: (/** @type {string} */ id) => id, get: () => instance };
}
for (const _ of ["first", "second"]) {
  const response = await worker.fetch(new Request("https://worker.example/", { method: "POST" }), env);
  console.log(response.status, await response.text());
  if (!response.ok) process.exitCode = 1;
}
// The connections of a Durable Object outlive a request.
process.exit();
