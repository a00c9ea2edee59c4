/**
 * Why TLS failed, in words, with the option that helps: the same text on both ways into TLS.
 *
 * Layer: transport. RFC 8446 §6.2 (alerts), RFC 5280 §6 (validation of a chain), RFC 3207, RFC 8314.
 */
import { formatPeer, type Peer, SmtpDisconnectedError, type SmtpRetry, SmtpTlsError } from "../errors.js";
import { escapeUnseen } from "../text/characters.js";
import { isClientCertificateProblem, TLS_PROBLEMS, type TlsProblem } from "./tls-problems.js";

/** From the first byte, after STARTTLS, or with an `https` proxy. */
export type WayIntoTls = "implicit" | "starttls" | "proxy";

export interface TlsContext {
  readonly way?: WayIntoTls | undefined;
  /** The name that the certificate was checked against. */
  readonly name?: string | undefined;
  /** Default `"never"`. */
  readonly retry?: SmtpRetry;
}

/** The parts of Node's TLS errors that are read here; all of them may be missing. */
interface TlsFailure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly library?: string;
  /** ERR_TLS_CERT_ALTNAME_INVALID: the certificate that has other names. */
  readonly cert?: { readonly subjectaltname?: string };
}

/** SECURITY: the names in a certificate are the server's words; a certificate may hold thousands. */
const MAX_NAMES_LENGTH = 300;

/** A handshake that did not end well. Undefined: the stream ended, and TLS itself had nothing to say. */
export function handshakeError(
  peer: Peer,
  error: Error | undefined,
  context: TlsContext,
): SmtpTlsError | SmtpDisconnectedError {
  if (error !== undefined && isTlsFailure(error)) return tlsError(peer, error, context);
  const text = `${formatPeer(peer)} closed the connection during the TLS handshake`;
  return new SmtpDisconnectedError(text, { phase: "tls", cause: error });
}

/** False for errors of the stream below: then the connection broke, and TLS is not to blame. */
export function isTlsFailure(error: TlsFailure): boolean {
  // QUIRK: Node reports a failure of OpenSSL inside a write as EPROTO with `syscall`, and a FIN in the handshake as an
  // ECONNRESET without.
  if (error.code === "EPROTO") return true;
  return error.syscall === undefined && error.code !== "ECONNRESET" && error.code !== "EPIPE";
}

/** A failure after the handshake: what a new connection may mend, unless the server refused the client certificate. */
export function lateTlsError(peer: Peer, error: TlsFailure): SmtpTlsError {
  return tlsError(peer, error, { retry: isClientCertificateProblem(reasonOf(error)) ? "never" : "reconnect" });
}

/** An error of OpenSSL or of Node's certificate checks as an SmtpTlsError. */
export function tlsError(peer: Peer, error: TlsFailure, context: TlsContext = {}): SmtpTlsError {
  const reason = reasonOf(error);
  if (reason === "ERR_TLS_CERT_ALTNAME_INVALID") return wrongNameError(peer, error, context);
  const { problem, hint } = problemOf(reason, context) ?? { problem: escapeUnseen(error.message), hint: undefined };
  return new SmtpTlsError(peer, {
    problem: reason === undefined ? problem : `${problem} (${reason})`,
    reason,
    hint,
    retry: context.retry ?? "never",
    cause: error,
  });
}

function problemOf(reason: string | undefined, { way }: TlsContext): TlsProblem | undefined {
  if (reason === undefined) return undefined;
  const problem = TLS_PROBLEMS[reason];
  if (problem !== "plain-text") return problem;
  if (way === "proxy") {
    return {
      problem: "the proxy does not speak TLS on this port",
      hint: "Write http:// in proxy if it is a plain one",
    };
  }
  return way === "starttls"
    ? { problem: "the server sent clear text where the handshake should begin", hint: undefined }
    : {
        problem: "the server does not speak TLS on this port",
        hint: "A port that speaks plain SMTP first, such as 587 or 25, needs startTls: true (or useTls: false), not useTls: true",
      };
}

function wrongNameError(peer: Peer, error: TlsFailure, { name }: TlsContext): SmtpTlsError {
  const names = error.cert?.subjectaltname ?? "";
  const shown = escapeUnseen(names.length > MAX_NAMES_LENGTH ? `${names.slice(0, MAX_NAMES_LENGTH)}...` : names);
  const valid = shown === "" ? "it names no host" : `it is for ${shown}`;
  return new SmtpTlsError(peer, {
    problem: `the server's certificate is not for ${name ?? "this host"}; ${valid} (ERR_TLS_CERT_ALTNAME_INVALID)`,
    reason: "ERR_TLS_CERT_ALTNAME_INVALID",
    hint: "Connect by a name that the certificate holds, or set tls.servername to it",
    cause: error,
  });
}

/** Node's code; else what OpenSSL names in its text, in the form that Node uses elsewhere. */
function reasonOf(error: TlsFailure): string | undefined {
  // QUIRK: Node knows no code for some of OpenSSL's verification results and says UNSPECIFIED.
  if (error.code === "UNSPECIFIED") return WEAK[error.message] ?? error.code;
  const text = error.code === "EPROTO" ? /:SSL routines:[^:]*:([^:\n]+)/.exec(error.message)?.[1] : undefined;
  const code = text === undefined ? error.code : `ERR_SSL_${text.trim().toUpperCase().replaceAll(" ", "_")}`;
  // QUIRK: since OpenSSL 3.2 the alerts of SSLv3 are those of "SSL/TLS"; one name for one thing.
  return code?.replace("ERR_SSL_SSL/TLS_", "ERR_SSL_SSLV3_");
}

const WEAK: Readonly<Record<string, string>> = {
  "EE certificate key too weak": "EE_KEY_TOO_SMALL",
  "CA certificate key too weak": "CA_KEY_TOO_SMALL",
  "CA signature digest algorithm too weak": "CA_MD_TOO_WEAK",
};
