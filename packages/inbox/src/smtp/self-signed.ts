/**
 * A certificate for this machine, made when the inbox starts and gone when it ends.
 */
import { webcrypto } from "node:crypto";

/** Key and certificate as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LIFETIME_DAYS = 365;

/** For localhost, 127.0.0.1 and ::1; an ECDSA key. */
export async function makeSelfSigned(): Promise<Identity> {
  // Loaded on use: most inboxes have no TLS. The second asks for what the first brings.
  await import("reflect-metadata");
  const { SubjectAlternativeNameExtension, X509CertificateGenerator } = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost, O=Postrider inbox",
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
      .toString("hex")
      .replace(/^./, "1"),
    // An hour ago: a clock that is a little behind must not find it not yet valid.
    notBefore: new Date(now - DAY_MS / 24),
    notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = key.replace(/(.{64})/g, "$1\n");
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString("pem"),
  };
}
