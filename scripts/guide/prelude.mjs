// @ts-check
/**
 * Loaded before a block of the guide: leads connections to the names of places.mjs to the servers of the stage, and all others
 * nowhere. A block that would reach the network fails as it would on a machine without one.
 *
 * Layer: scripts.
 */

import { isIP, Socket } from "node:net";

/** @type {{ servers: Record<string, number>, socketPath: string, socketPattern: string }} */
const places = JSON.parse(process.env.GUIDE_PLACES ?? "{}");
const socketPattern = new RegExp(places.socketPattern);

const connect = Socket.prototype.connect;
Socket.prototype.connect = /** @type {any} */ (
  /**
   * @this {Socket}
   * @param {...any} parameters
   */
  function connectToStage(...parameters) {
    const [first] = parameters;
    // `net.connect` hands on what it was given as an array that Node has marked; it is Node's own, so it may be changed.
    if (Array.isArray(first)) first[0] = led(first[0]);
    else if (typeof first === "object") parameters[0] = led(first);
    else if (typeof first === "string") parameters[0] = led({ path: first });
    else parameters.splice(0, typeof parameters[1] === "string" ? 2 : 1, led(portAndHost(parameters)));
    return Reflect.apply(connect, this, parameters);
  }
);

/** @param {any[]} parameters */
function portAndHost([port, host]) {
  return typeof host === "string" ? { port, host } : { port };
}

/**
 * @param {any} options
 * @returns {any}
 */
function led(options) {
  const socketPort = places.servers[options.path];
  if (socketPort !== undefined) return { ...options, path: undefined, host: "127.0.0.1", port: socketPort };
  if (typeof options.path === "string") {
    return socketPattern.test(options.path) ? { ...options, path: places.socketPath } : options;
  }
  const host = options.host ?? "localhost";
  const port = places.servers[`${host}:${options.port}`] ?? places.servers[`${host}:*`];
  if (port !== undefined) return { ...options, host: "127.0.0.1", port };
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return options;
  // Discard on this machine: nobody listens there, so an address beyond it is refused, and a name is not found.
  return isIP(host) > 0 ? { ...options, host: "127.0.0.1", port: 9 } : { ...options, lookup: notFound };
}

/**
 * @param {string} hostname
 * @param {unknown} _options
 * @param {(error: Error) => void} callback
 */
function notFound(hostname, _options, callback) {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  process.nextTick(
    callback,
    Object.assign(error, { code: "ENOTFOUND", errno: -3008, syscall: "getaddrinfo", hostname }),
  );
}
