// @ts-check
/**
 * A worker as people write it: one call, DKIM, and a pool in a Durable Object. Its bundle is measured.
 *
 * Layer: scripts. Bundled, and run by workerd.
 */

import { DurableObject } from "cloudflare:workers";
import { DkimSigner, isSmtpError, SmtpPool, send } from "postrider";

/** Keeps a pool from request to request. */
export class Box extends DurableObject {
  #pool = new SmtpPool({ hostname: "smtp.example.com", useTls: true });

  /** @param {import("postrider").MessageFields} message */
  send(message) {
    return this.#pool.send(message);
  }
}

// biome-ignore lint/style/noDefaultExport: workerd asks for it.
export default {
  /** @param {Request} request */
  async fetch(request) {
    if (request.method === "GET") return new Response("ready");
    const { message, privateKey } = /** @type {any} */ (await request.json());
    const dkim = new DkimSigner({ domain: "example.org", selector: "s", privateKey });
    try {
      return Response.json(await send(message, { hostname: "smtp.example.com", useTls: true, dkim }));
    } catch (error) {
      return Response.json({ isSmtpError: isSmtpError(error) }, { status: 502 });
    }
  },
};
