/**
 * XOAUTH2: a bearer token in the form that Google made up and Microsoft took over, before OAUTHBEARER.
 *
 * Layer: protocol. Described by Google under "XOAUTH2 mechanism"; no RFC.
 */
import { Buffer } from "node:buffer";
import { BearerExchange } from "./bearer.js";
import { accessTokenOf } from "./credential-rules.js";
import type { SaslCredentials } from "./exchange.js";

export class Xoauth2Exchange extends BearerExchange {
  constructor(credentials: SaslCredentials) {
    const response = `user=${credentials.username}\x01auth=Bearer ${accessTokenOf(credentials)}\x01\x01`;
    super("XOAUTH2", Buffer.from(response, "utf8"), new Uint8Array(0));
  }
}
