/**
 * The same inside TLS: STARTTLS and AUTH, and TLS from the first byte, cut after every byte, the handshake's among them.
 */
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { testCertificates } from "../support/certificates.js";
import { cutEverywhere } from "./cut-everywhere.js";
import type { Dialogue } from "./faults.js";

async function secureDialogue(): Promise<Dialogue> {
  const { ca, server } = await testCertificates();
  return {
    name: "STARTTLS and AUTH",
    by: "client",
    extensions: ["STARTTLS"],
    secureExtensions: ["PIPELINING", "AUTH PLAIN"],
    secureContext: createSecureContext(server),
    options: {
      hostname: "localhost",
      startTls: true,
      tls: { ca },
      username: "tim",
      password: "tanstaaftanstaaf",
    },
    messages: [["a"]],
  };
}

for (const side of ["server", "client"] as const) {
  for (const kind of ["fin", "rst", "silence"] as const) {
    test(`STARTTLS and AUTH, ${kind} after every byte of the ${side}: told truly`, async (context) => {
      await cutEverywhere(await secureDialogue(), context, [side], [kind]);
    });
  }
}
