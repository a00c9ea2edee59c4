/**
 * What the worker of the tests, and the guide, use of Cloudflare's modules.
 */

declare module "cloudflare:sockets" {
  export function connect(
    address: { hostname: string; port: number },
    options?: { secureTransport?: "on" | "off" | "starttls"; allowHalfOpen?: boolean },
  ): import("postrider").WorkerSocket;
}

declare module "cloudflare:workers" {
  export class DurableObject<Env = unknown> {
    constructor(context: unknown, env: Env);
    protected env: Env;
  }
}

interface DurableObjectNamespace<Instance> {
  idFromName(name: string): unknown;
  get(id: unknown): Instance;
}
