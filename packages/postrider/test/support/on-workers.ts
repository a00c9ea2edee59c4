/**
 * Imported first by a test that is to run over the sockets API of Cloudflare Workers: the library then finds the double where workerd
 * has `cloudflare:sockets`.
 */
import * as double from "./sockets-double.js";

const original = process.getBuiltinModule;
const replaced = (name: string): unknown =>
  name === "cloudflare:sockets" ? double : original.call(process, name as "node:net");
process.getBuiltinModule = replaced as typeof original;
