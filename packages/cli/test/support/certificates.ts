/**
 * A certificate that nobody but the test trusts, made for it.
 */
import "reflect-metadata";
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

export interface TestCertificate {
  readonly key: string;
  /** Signed by itself: it is its own authority. */
  readonly cert: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 3600 * 1000;

/** For 127.0.0.1 and localhost; ends so many days from now. */
export async function testCertificate(days: number): Promise<TestCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=mail.test",
    notBefore: new Date(now - 100 * DAY_MS),
    notAfter: new Date(now + days * DAY_MS + DAY_MS / 2),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { key: PemConverter.encode(pkcs8, "PRIVATE KEY"), cert: certificate.toString("pem") };
}
