/**
 * Options that most acceptance tests share: a plain session with a scripted server, and one envelope.
 */
import type { ConnectionOptions } from "../../src/index.js";
import type { ScriptedServer } from "./scripted-server.js";

/** Longer than any case lasts that does not hang. */
const PATIENCE_MS = 10_000;

/** No STARTTLS, and a fixed name in EHLO. */
export const plain = (server: ScriptedServer): ConnectionOptions => ({
  ...server.address,
  startTls: false,
  localHostname: "client.example",
  timeout: PATIENCE_MS,
  deliveryTimeout: PATIENCE_MS,
});

export const ENVELOPE = { sender: "a@x.example", recipients: ["b@y.example"] } as const;

export const TEXT = "Subject: hello\r\n\r\nhello\r\n";
