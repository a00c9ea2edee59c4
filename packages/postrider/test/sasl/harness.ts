/**
 * Short ways to run an exchange in tests.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SaslEnvironment, SaslExchange, SaslFault } from "../../src/sasl/exchange.js";

export function environment(known: Partial<SaslEnvironment> = {}): SaslEnvironment {
  return {
    hostname: "smtp.example.com",
    port: 587,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    channelBinding: undefined,
    ...known,
  };
}

export function text(bytes: Uint8Array | SaslFault | undefined): string {
  assert.ok(bytes instanceof Uint8Array, `no bytes but ${JSON.stringify(bytes)}`);
  return Buffer.from(bytes).toString("utf8");
}

export function base64(bytes: Uint8Array | SaslFault | undefined): string {
  return Buffer.from(text(bytes), "utf8").toString("base64");
}

export async function answer(exchange: SaslExchange, challenge: string): Promise<string> {
  return text(await exchange.respond(Buffer.from(challenge, "utf8")));
}

export async function faultOf(exchange: SaslExchange, challenge: string): Promise<string> {
  const response = await exchange.respond(Buffer.from(challenge, "utf8"));
  assert.ok(!(response instanceof Uint8Array), "a response where a fault was expected");
  return response.fault;
}
