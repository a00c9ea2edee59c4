/**
 * OAUTHBEARER: an OAuth 2 bearer token.
 *
 * Layer: protocol. RFC 7628, with the header of RFC 5801 §4.
 */
import { Buffer } from "node:buffer";
import { BearerExchange } from "./bearer.js";
import { accessTokenOf } from "./credential-rules.js";
import type { SaslCredentials, SaslEnvironment } from "./exchange.js";
import { escapeSaslName } from "./sasl-name.js";

export class OauthBearerExchange extends BearerExchange {
  constructor(credentials: SaslCredentials, environment: SaslEnvironment) {
    const identity = escapeSaslName(credentials.authorizationId ?? credentials.username);
    const fields = [`n,a=${identity},`];
    if (environment.hostname !== undefined) fields.push(`host=${environment.hostname}`);
    if (environment.port !== undefined) fields.push(`port=${environment.port}`);
    fields.push(`auth=Bearer ${accessTokenOf(credentials)}`, "", "");
    // RFC 7628 §3.2.3: one U+0001 tells the server to go on to its 5yz.
    super("OAUTHBEARER", Buffer.from(fields.join("\x01"), "utf8"), Uint8Array.of(0x01));
  }
}
