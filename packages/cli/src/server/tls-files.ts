/**
 * The files of `--ca`, `--cert` and `--cert-key`, read and tried before anything is connected: OpenSSL takes a file without a certificate
 * for an empty list, and would say much later that the server is not trusted.
 */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { CliError, cannotRead } from "../cli-error.js";
import { EXIT } from "../exit-code.js";

export interface TlsFileOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly certKey?: string | undefined;
}

/** Options of Node's TLS. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** @throws CliError that names the flag and the file */
export async function readTlsFiles({ ca, cert, certKey }: TlsFileOptions): Promise<TlsFiles> {
  const authorities = ca === undefined ? {} : { ca: await readCertificates("--ca", ca) };
  if (cert === undefined || certKey === undefined) return authorities;
  const own = { cert: await readCertificates("--cert", cert), key: await read("--cert-key", certKey) };
  try {
    createSecureContext(own);
  } catch {
    // SECURITY: OpenSSL's words say nothing that helps here, and the file is a secret.
    throw wrong("--cert-key", certKey, `is not an unencrypted private key in PEM, or not the key of ${cert}`);
  }
  return { ...authorities, ...own };
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

async function readCertificates(flag: string, file: string): Promise<Buffer> {
  const content = await read(flag, file);
  const found = content.toString("latin1").match(CERTIFICATE) ?? [];
  if (found.length === 0 || !found.every(isCertificate)) throw wrong(flag, file, "is not a certificate in PEM");
  return content;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

async function read(flag: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw cannotRead(`${flag}:`, file, error);
  }
}

function wrong(flag: string, file: string, why: string): CliError {
  return new CliError(EXIT.data, `${flag}: ${file} ${why}`);
}
