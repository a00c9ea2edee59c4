/**
 * Certificates in words.
 */
import type { DetailedPeerCertificate } from "node:tls";
import type { CertificateReport } from "./server-report.js";

const DAY_MS = 24 * 3600 * 1000;
/** SECURITY: a chain is what the server sends; a longer one is not shown to its end. */
const MAX_CHAIN = 10;

/** The certificate and those above it. */
export function describeChain(certificate: DetailedPeerCertificate | undefined, now: number): CertificateReport[] {
  const chain: CertificateReport[] = [];
  const seen = new Set<string>();
  let one: DetailedPeerCertificate | undefined = certificate;
  while (one?.fingerprint256 !== undefined && !seen.has(one.fingerprint256) && chain.length < MAX_CHAIN) {
    seen.add(one.fingerprint256);
    chain.push(describe(one, now));
    one = one.issuerCertificate;
  }
  return chain;
}

function describe(certificate: DetailedPeerCertificate, now: number): CertificateReport {
  const validTo = new Date(certificate.valid_to);
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: namesOf(certificate.subjectaltname),
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: validTo.toISOString(),
    daysLeft: Math.floor((validTo.getTime() - now) / DAY_MS),
  };
}

/** The common name, else the organisation. */
function nameOf(subject: Readonly<Record<string, unknown>> | undefined): string {
  const name = subject?.["CN"] ?? subject?.["O"] ?? subject?.["OU"];
  return Array.isArray(name) ? name.join(", ") : name === undefined ? "(no name)" : String(name);
}

/** `DNS:a, IP Address:b` as names. */
function namesOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(", ").map((name) => name.replace(/^(?:DNS|IP Address):/, ""));
}
