/**
 * `lib/shared`: the helpers that programs import.
 *
 * Layer: nodemailer.
 */
import { type Access, readContent } from "./content.js";
import { toNodemailerError } from "./errors.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import { parseConnectionUrl as parse } from "./smtp-options.js";
import type { Callback, SmtpOptions } from "./types.js";

export { getLogger } from "./logger.js";

interface ContentAccess {
  disableFileAccess?: boolean | undefined;
  disableUrlAccess?: boolean | undefined;
}

type Fields = Record<string | number, unknown>;

/** The options that a connection URL stands for. */
export function parseConnectionUrl(url: string): SmtpOptions {
  return parse(url);
}

/** Reads what stands under the key, whatever its form. */
export function resolveContent(data: object, key: string | number): Promise<string | Buffer>;
export function resolveContent(data: object, key: string | number, callback: Callback<string | Buffer>): void;
export function resolveContent(
  data: object,
  key: string | number,
  options: ContentAccess,
  callback?: Callback<string | Buffer>,
): Promise<string | Buffer> | undefined;
export function resolveContent(
  data: object,
  key: string | number,
  first?: ContentAccess | Callback<string | Buffer>,
  second?: Callback<string | Buffer>,
): Promise<string | Buffer> | undefined {
  const [options, callback] = typeof first === "function" ? [{}, first] : [first ?? {}, second];
  const access: Access = { files: options.disableFileAccess !== true, urls: options.disableUrlAccess !== true };
  const reading = readContent((data as Fields)[key], String(key), access).catch((error: unknown) => {
    throw toNodemailerError(error);
  });
  return promiseOrCallback(reading, callback);
}

/** A callback that settles a promise. */
export function callbackPromise(
  resolve: (...values: any[]) => void,
  reject: (error: Error) => void,
): (error: Error | null | undefined, ...values: any[]) => void {
  return (error, ...values) => (error ? reject(error) : resolve(...values));
}

/** Puts the members of the others into the first object; the members of `tls` and `auth` are joined. */
export function assign(target: object | null | undefined, ...sources: readonly (object | null | undefined)[]): any {
  const joined = (target ?? {}) as Record<string, unknown>;
  for (const [name, value] of sources.flatMap((source) => Object.entries(source ?? {}))) {
    if (name === "__proto__") continue;
    const isJoined = (name === "tls" || name === "auth") && typeof value === "object" && value !== null;
    joined[name] = isJoined ? { ...(joined[name] as object | undefined), ...value } : value;
  }
  return joined;
}
