// @ts-check
/**
 * Starts the sink inside TLS, with a certificate made for it.
 *
 * Layer: bench.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../lab/peers.mjs";
import { freePort, startProgram } from "./start.mjs";

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "tls-sink.mjs");

/** @returns {Promise<import("./start.mjs").Server & { ca: string }>} `ca` is the file of the certificate to trust. */
export async function startTlsSink() {
  const openssl = findProgram("openssl");
  if (openssl === undefined) throw new Error("openssl is missing: it makes the certificate of the sink");
  const folder = mkdtempSync(join(tmpdir(), "postrider-bench-tls-"));
  const key = join(folder, "key.pem");
  const ca = join(folder, "certificate.pem");
  const request = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync(openssl, [...request, ...name, "-keyout", key, "-out", ca], { stdio: "ignore" });
  const port = await freePort();
  const server = await startProgram(process.execPath, [PROGRAM, String(port), key, ca], port);
  return {
    port,
    ca,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
