// @ts-check
/**
 * The worker of `npm run test:runtimes -- workerd`: does by the library what the path asks for, with the JSON of the request, and answers
 * with the result or the error.
 *
 * Layer: scripts. Bundled, and run by workerd.
 */

import { connect } from "cloudflare:sockets";
import { DurableObject } from "cloudflare:workers";
import { connect as connectNode } from "node:net";
import { DkimSigner, oauth2, outcomeOf, SmtpClient, SmtpPool, send } from "postrider";

/** @typedef {{ BOX: { idFromName(name: string): unknown, get(id: unknown): { fetch(request: Request): Promise<Response> } } }} Env */

/** @type {SmtpPool | undefined} */
let modulePool;
/** @type {SmtpClient | undefined} */
let moduleClient;

/** @param {number} size @param {AbortController} [abort] aborts in the middle */
function streamOf(size, abort) {
  const line = new TextEncoder().encode(`${"x".repeat(76)}\r\n`.repeat(800));
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= size) return controller.close();
      if (sent >= size / 2) abort?.abort(new Error("enough"));
      controller.enqueue(line);
      sent += line.length;
    },
  });
}

/** @type {Record<string, (given: any) => unknown>} */
const ACTIONS = {
  send: ({ message, options }) => send(message, options),
  async dialogue({ message, options }) {
    /** @type {string[]} */
    const lines = [];
    await send(message, { ...options, trace: (event) => void ("line" in event && lines.push(event.line)) });
    return lines;
  },
  async connect({ options }) {
    await using client = await SmtpClient.connect(options);
    return { isSecure: client.isSecure, tlsInfo: client.tlsInfo };
  },
  dkim: ({ message, options, dkim }) => send(message, { ...options, dkim: new DkimSigner(dkim) }),
  async pool({ message, options, count }) {
    await using pool = new SmtpPool(options);
    await Promise.all(Array.from({ length: count }, () => pool.send(message)));
    return pool.stats;
  },
  stream: ({ size, options }) => send(streamOf(size), options),
  abort({ size, options }) {
    const controller = new AbortController();
    return send(streamOf(size, controller), { ...options, signal: controller.signal });
  },
  /** A server that does not read: close() while a write waits. */
  async stalled({ options, envelope }) {
    const client = await SmtpClient.connect(options);
    const sending = client.send(`Subject: x\r\n\r\n${"y".repeat(30_000_000)}`, envelope).catch(outcomeOf);
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.close();
    return sending;
  },
  oauth2: ({ message, options, token }) => send(message, { ...options, accessToken: oauth2(token) }),
  /** Fails, and answers when somebody answers at `until`. */
  async lingering({ message, options, until }) {
    const outcome = await send(message, options).then(() => "sent", outcomeOf);
    await fetch(until, { signal: AbortSignal.timeout(5_000) });
    return outcome;
  },
  "module-pool"({ message, options }) {
    modulePool ??= new SmtpPool(options);
    return modulePool.send(message);
  },
  "module-verify": () => modulePool?.verify(),
  async "module-client"({ message, options }) {
    moduleClient ??= await SmtpClient.connect(options);
    return moduleClient.send(message);
  },
  socket({ message, options, address, secureTransport, isOnce }) {
    const open = () => connect(address, { secureTransport });
    return send(message, { ...options, socket: isOnce ? open() : open });
  },
  "node-socket": ({ message, options, address }) =>
    send(message, { ...options, socket: () => connectNode(address.port, address.hostname) }),
};

/** @param {string} action @param {unknown} given @returns {Promise<Response>} */
async function perform(action, given) {
  try {
    return Response.json({ value: (await ACTIONS[action]?.(given)) ?? null });
  } catch (error) {
    const { name, message, code, retry, outcome, option } = /** @type {any} */ (error);
    return Response.json({ error: { name, message, code, retry, outcome, option } });
  }
}

/** Keeps a pool from request to request. */
export class Box extends DurableObject {
  /** @type {SmtpPool | undefined} */
  #pool;

  /** @param {Request} request */
  async fetch(request) {
    const { message, options } = /** @type {any} */ (await request.json());
    this.#pool ??= new SmtpPool(options);
    await this.#pool.send(message);
    return Response.json({ value: this.#pool.stats });
  }
}

// biome-ignore lint/style/noDefaultExport: workerd asks for it.
export default {
  /** @param {Request} request @param {Env} env */
  async fetch(request, env) {
    const action = new URL(request.url).pathname.slice(1);
    if (action === "") return new Response("ready");
    if (action === "durable") return env.BOX.get(env.BOX.idFromName("mail")).fetch(request);
    return perform(action, await request.json());
  },
};
