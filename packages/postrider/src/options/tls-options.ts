/**
 * The option `tls`: its type and rules. Values are copied, so that later changes have no effect.
 *
 * Layer: options.
 */
import type { Buffer } from "node:buffer";
import type { ConnectionOptions as NodeTlsOptions } from "node:tls";
import { isError, OptionError } from "../errors/errors.js";
import { reasonOf } from "../given/producer.js";
import { type BytesLike, copyBytes, isBytes, ownEntries } from "../given/values.js";
import { callable, flag, hasMembers, onBun, onDeno, oneOf, onWorkers, type Rule, readOptions, text } from "./rules.js";
import { hostname } from "./target.js";

/** Options of TLS, by the names of Node; see `tls.connect` and `tls.createSecureContext`. */
export type TlsOptions = Pick<
  NodeTlsOptions,
  | "ca"
  | "cert"
  | "key"
  | "passphrase"
  | "pfx"
  | "crl"
  | "ciphers"
  | "sigalgs"
  | "ecdhCurve"
  | "minVersion"
  | "maxVersion"
  | "rejectUnauthorized"
  | "checkServerIdentity"
  | "servername"
  | "ALPNProtocols"
  | "secureContext"
  | "session"
>;

const version = oneOf("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1");

/** PEM or DER; several of them in an array; keys and PKCS #12 with their own passphrase as objects (Node's form). */
const material: Rule<unknown> = (value, option) => {
  if (Array.isArray(value))
    return Object.freeze(ownEntries(value).map((one, index) => piece(one, `${option}[${index}]`)));
  if (typeof value === "object" && !isBytes(value)) throw notMaterial(option);
  return piece(value, option);
};

const protocols: Rule<unknown> = (value, option) => {
  if (Array.isArray(value))
    return Object.freeze(ownEntries(value).map((one, index) => text(one, `${option}[${index}]`)));
  return bytes(value, option);
};

function copyOf(value: BytesLike, option: string): Buffer {
  const copy = copyBytes(value);
  if (copy === undefined) throw new OptionError(option, "must not be the bytes of a detached ArrayBuffer");
  return copy;
}

const bytes: Rule<Uint8Array> = (value, option) => {
  if (!isBytes(value)) throw new OptionError(option, "must be bytes (Buffer or Uint8Array)");
  return copyOf(value, option);
};

const context: Rule<object> = (value, option) => {
  if (hasMembers(value, { context: "object" })) return value;
  throw new OptionError(option, "must come from tls.createSecureContext");
};

/** QUIRK: an error that it throws, and does not return, would end the process. */
const identityCheck: Rule<unknown> = (value, option) => {
  const check = callable<(...given: unknown[]) => unknown>()(value, option);
  return (...given: unknown[]) => {
    try {
      return check(...given);
    } catch (error) {
      return isError(error) ? error : new Error(reasonOf(error));
    }
  };
};

const TLS_RULES = {
  ca: material,
  cert: material,
  key: material,
  passphrase: text,
  pfx: material,
  crl: material,
  ciphers: text,
  sigalgs: text,
  ecdhCurve: text,
  minVersion: version,
  maxVersion: version,
  rejectUnauthorized: flag,
  checkServerIdentity: identityCheck,
  servername: hostname,
  ALPNProtocols: protocols,
  secureContext: context,
  session: bytes,
} satisfies Record<keyof TlsOptions, Rule<unknown>>;

/** @throws OptionError also for options of Node that are not supported here */
export const tlsOptions: Rule<TlsOptions> = (value, option) => {
  const read = readOptions(value, TLS_RULES, option);
  for (const [name, one] of Object.entries(read)) checkRuntime(name, one, `${option}.${name}`);
  // The rules match this type member by member, but Node does not export the type of each member.
  return read as TlsOptions;
};

/** A context may hold any of the others, and does not tell. */
const IGNORED_ON_DENO = ["crl", "ciphers", "sigalgs", "ecdhCurve", "secureContext", "session"];

/** SECURITY: an option that the runtime takes and ignores would be a check that is never made. */
function checkRuntime(name: string, value: unknown, option: string): void {
  if (onWorkers() && name !== "servername") {
    throw new OptionError(option, "is not supported on Cloudflare Workers, whose TLS takes nothing but servername");
  }
  const isIgnored = onDeno()
    ? IGNORED_ON_DENO.includes(name)
    : onBun() && name === "ciphers" && String(value).includes("TLS_");
  if (isIgnored) {
    const what = onDeno() ? "is not supported on Deno" : "with TLS_... is not supported on Bun";
    throw new OptionError(option, `${what}, whose TLS would ignore it or a part of it`);
  }
}

function piece(value: unknown, option: string): unknown {
  if (typeof value === "string" && value !== "") return value;
  if (isBytes(value)) return copyOf(value, option);
  if (typeof value !== "object" || value === null) throw notMaterial(option);
  return Object.freeze({ ...value });
}

function notMaterial(option: string): OptionError {
  return new OptionError(option, "must be PEM text or bytes, or an array of them");
}
