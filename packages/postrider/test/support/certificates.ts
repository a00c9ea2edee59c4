/**
 * Certificates for tests, made when first asked for and kept for the life of the process: nothing secret lies in the
 * repository, and nothing in it expires.
 *
 * @example
 * const { ca, server } = await testCertificates();
 * tls.createServer({ key: server.key, cert: server.cert });
 * await SmtpClient.connect({ hostname: "localhost", port, useTls: true, tls: { ca } });
 */
import "./reflect-metadata.js";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A private key (PKCS #8) and its certificate, both PEM: what `tls.createServer` and `tls.connect` take. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface TestCertificates {
  /** The authority that signed all but `selfSigned` and `unknownAuthority`. */
  readonly ca: string;
  /** Good: localhost, 127.0.0.1, ::1 and mail.example.com. */
  readonly server: Identity;
  /** Like `server`, but its time ended years ago. */
  readonly expired: Identity;
  /** Like `server`, but its time begins in twenty years. */
  readonly notYetValid: Identity;
  /** Valid for other.example.com only. */
  readonly wrongName: Identity;
  /** Like `server`, signed by itself. */
  readonly selfSigned: Identity;
  /** Like `server`, signed by an authority that nobody trusts. */
  readonly unknownAuthority: Identity;
  /** RSA with 1024 bits. A server needs `ciphers: "DEFAULT@SECLEVEL=0"` to use it; a client refuses it at SECLEVEL 2. */
  readonly weakKey: Identity;
  /** For clients: CN=client. */
  readonly client: Identity;
}

export interface CertificateRequest {
  readonly commonName?: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly usage?: "server" | "client";
  readonly algorithm?: EcKeyGenParams | RsaHashedKeyGenParams;
}

type EcKeyGenParams = { name: "ECDSA"; namedCurve: string; hash: string };
type RsaHashedKeyGenParams = { name: string; hash: string; modulusLength: number; publicExponent: Uint8Array };
type KeyPair = Awaited<ReturnType<typeof makeKeys>>;

/** A key of an authority and its certificate. */
export interface Authority {
  readonly keys: KeyPair;
  readonly name: string;
  readonly cert: string;
}

const EC: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const WEAK_RSA: RsaHashedKeyGenParams = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 1024,
  publicExponent: new Uint8Array([1, 0, 1]),
};

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const HERE = { dns: ["localhost", "mail.example.com"], ip: ["127.0.0.1", "::1"] } as const;

let made: Promise<TestCertificates> | undefined;

/** The certificates of this process. */
export function testCertificates(): Promise<TestCertificates> {
  made ??= makeAll();
  return made;
}

/** A certificate made to measure; without `issuer` it signs itself. */
export async function issueCertificate(request: CertificateRequest, issuer?: Authority): Promise<Identity> {
  const keys = await makeKeys(request.algorithm ?? EC);
  const name = `CN=${request.commonName ?? request.dns?.[0] ?? "test"}`;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: issuer?.name ?? name,
    notBefore: request.notBefore ?? new Date(Date.now() - HOUR_MS),
    notAfter: request.notAfter ?? new Date(Date.now() + 24 * HOUR_MS),
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: issuer === undefined ? (request.algorithm ?? EC) : EC,
    extensions: extensionsFor(request),
  });
  return { key: await exportKey(keys), cert: certificate.toString("pem") };
}

/** An authority of its own. */
export async function makeAuthority(commonName: string): Promise<Authority> {
  const keys = await makeKeys(EC);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: new Date(Date.now() - 10 * YEAR_MS),
    notAfter: new Date(Date.now() + 30 * YEAR_MS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { keys, name: `CN=${commonName}`, cert: certificate.toString("pem") };
}

async function makeAll(): Promise<TestCertificates> {
  const [authority, stranger] = await Promise.all([makeAuthority("Test Authority"), makeAuthority("Stranger")]);
  const ago = (years: number): Date => new Date(Date.now() - years * YEAR_MS);
  const [server, expired, notYetValid, wrongName, selfSigned, unknownAuthority, weakKey, client] = await Promise.all([
    issueCertificate(HERE, authority),
    issueCertificate({ ...HERE, notBefore: ago(3), notAfter: ago(2) }, authority),
    issueCertificate({ ...HERE, notBefore: ago(-20), notAfter: ago(-21) }, authority),
    issueCertificate({ dns: ["other.example.com"] }, authority),
    issueCertificate(HERE),
    issueCertificate(HERE, stranger),
    issueCertificate({ ...HERE, algorithm: WEAK_RSA }, authority),
    issueCertificate({ commonName: "client", usage: "client" }, authority),
  ]);
  return { ca: authority.cert, server, expired, notYetValid, wrongName, selfSigned, unknownAuthority, weakKey, client };
}

function extensionsFor(request: CertificateRequest): Extension[] {
  const names = [
    ...(request.dns ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.ip ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new ExtendedKeyUsageExtension([request.usage === "client" ? CLIENT_AUTH : SERVER_AUTH]),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ];
}

// The keys must leave as PEM, so they are extractable.
const makeKeys = (algorithm: EcKeyGenParams | RsaHashedKeyGenParams) =>
  crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const exportKey = async (keys: KeyPair): Promise<string> =>
  PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");

/** Hexadecimal, random, and positive whatever the random part is. */
const serialNumber = (): string => `01${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex")}`;
