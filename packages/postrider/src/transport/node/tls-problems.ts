/**
 * TLS failures explained: a table from the reasons of OpenSSL and Node to words and hints.
 *
 * Layer: transport. RFC 5280 §6, RFC 8446 §6.2.
 */

export interface TlsProblem {
  readonly problem: string;
  readonly hint?: string | undefined;
}

const TRUST = "If you trust this server, give the certificate of its authority in tls.ca";
const RENEW = "Its operator must renew it; if this machine's clock is wrong, set it";
const CHAIN = `The server must send the whole chain. ${TRUST}`;
const WEAK = "Its operator must replace it; tls.ciphers with @SECLEVEL lowers the requirement";
const VERSIONS = "Compare tls.minVersion and tls.maxVersion with what the server speaks";
const CLIENT_CERTIFICATE = "Check tls.cert and tls.key: the server wants a client certificate that it knows";

const SELF_SIGNED: TlsProblem = { problem: "the server's certificate is self-signed", hint: TRUST };
const UNKNOWN_AUTHORITY: TlsProblem = {
  problem: "the server's certificate is from an unknown authority",
  hint: CHAIN,
};
/** QUIRK: Deno has one code for all of these, and shows no certificate that would tell them apart. */
const NOT_VERIFIED_ON_DENO: TlsProblem = {
  problem:
    "the server's certificate has expired, is not valid yet, is not meant for servers, or is from an unknown authority; Deno does not say which",
  hint: `Look at its dates, and at this machine's clock. ${TRUST}`,
};
const WEAK_KEY: TlsProblem = { problem: "the key of the server's certificate is too short to be safe", hint: WEAK };
const NO_COMMON_VERSION: TlsProblem = {
  problem: "the server and this client have no TLS version in common",
  hint: VERSIONS,
};
const CLIENT_REFUSED: TlsProblem = { problem: "the server refused the client certificate", hint: CLIENT_CERTIFICATE };
const CLIENT_MISSING: TlsProblem = {
  problem: "the server asks for a client certificate",
  hint: "Set tls.cert and tls.key",
};
const DH_TOO_SMALL: TlsProblem = { problem: "the server's Diffie-Hellman key is too short to be safe", hint: WEAK };
const REFUSED: TlsProblem = {
  problem: "the server refused the handshake",
  hint: "Compare tls.ciphers, tls.minVersion and tls.cert with what it asks for",
};

/**
 * Whether the server refused the client certificate, or asked for one. QUIRK: in TLS 1.3 this comes after the client has finished its
 * handshake, so it looks like the loss of an open connection.
 */
export function isClientCertificateProblem(reason: string | undefined): boolean {
  const problem = reason === undefined ? undefined : TLS_PROBLEMS[reason];
  return problem === CLIENT_REFUSED || problem === CLIENT_MISSING;
}

/** The problem with this reason. @param isDeno for tests; default: whether this is Deno */
export function knownProblem(
  reason: string,
  isDeno: boolean = process.versions["deno"] !== undefined,
): TlsProblem | "plain-text" | undefined {
  const problem = TLS_PROBLEMS[reason];
  return isDeno && reason === "UNABLE_TO_VERIFY_LEAF_SIGNATURE" ? NOT_VERIFIED_ON_DENO : problem;
}

/** `"plain-text"`: the server did not answer with TLS; the words depend on the way into TLS. */
const TLS_PROBLEMS: Readonly<Record<string, TlsProblem | "plain-text">> = {
  CERT_HAS_EXPIRED: { problem: "the server's certificate has expired", hint: RENEW },
  CERT_NOT_YET_VALID: { problem: "the server's certificate is not valid yet", hint: RENEW },
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: { problem: "the server's chain ends in an unknown authority", hint: TRUST },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: { problem: "the signature of the server's certificate is invalid" },
  CERT_REVOKED: { problem: "the server's certificate is revoked", hint: "Its operator must replace it" },
  UNABLE_TO_GET_CRL: {
    problem: "tls.crl holds no list for the authority of the server's certificate",
    hint: "Check tls.crl",
  },
  CRL_HAS_EXPIRED: { problem: "the list of revoked certificates has expired", hint: "Renew tls.crl" },
  INVALID_CA: { problem: "a certificate in the server's chain may not sign others" },
  INVALID_PURPOSE: {
    problem: "the server's certificate is not meant for servers",
    hint: "Its operator must replace it",
  },
  PATH_LENGTH_EXCEEDED: { problem: "the server's chain is longer than its authority allows" },
  CERT_CHAIN_TOO_LONG: { problem: "the server's chain is too long" },
  EE_KEY_TOO_SMALL: WEAK_KEY,
  ERR_SSL_EE_KEY_TOO_SMALL: WEAK_KEY,
  CA_KEY_TOO_SMALL: { problem: "the key of the server's authority is too short to be safe", hint: WEAK },
  CA_MD_TOO_WEAK: { problem: "the server's chain is signed with a digest that is not safe", hint: WEAK },
  ERR_SSL_DH_KEY_TOO_SMALL: DH_TOO_SMALL,
  ERR_TLS_DH_PARAM_SIZE: DH_TOO_SMALL,

  ERR_SSL_WRONG_VERSION_NUMBER: "plain-text",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "plain-text",

  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_COMMON_VERSION,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: { problem: "tls.minVersion is above tls.maxVersion, or this OpenSSL forbids both" },
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON_VERSION,
  ERR_SSL_VERSION_TOO_LOW: NO_COMMON_VERSION,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: REFUSED,
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: REFUSED,
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: { problem: "the server reported an internal error of its own" },
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: {
    problem: "the server does not know the requested name (SNI)",
    hint: "Check hostname and tls.servername",
  },
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: { problem: "the server has no protocol of tls.ALPNProtocols" },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_MISSING,
  // BoringSSL, which Bun is built with, leaves the version out.
  ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED: CLIENT_MISSING,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: CLIENT_REFUSED,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: CLIENT_REFUSED,
};
