/**
 * Creates the exchange of a mechanism by its name.
 *
 * Layer: sasl. RFC 4422, RFC 4954.
 *
 * PERF: apart from the names, which options need: the exchanges are loaded by the first connection.
 */
import { CramMd5Exchange } from "./cram-md5.js";
import { checkCredentialText } from "./credential-rules.js";
import type { SaslCredentials, SaslEnvironment, SaslExchange } from "./exchange.js";
import { findMechanism, type MechanismName } from "./mechanisms.js";
import { ExternalExchange, LoginExchange, PlainExchange } from "./plain.js";
import { ScramExchange } from "./scram.js";
import { OauthBearerExchange, Xoauth2Exchange } from "./tokens.js";

type Create = (credentials: SaslCredentials, environment: SaslEnvironment) => SaslExchange;

const EXCHANGES: Readonly<Record<MechanismName, Create>> = {
  "SCRAM-SHA-256-PLUS": scram("SHA-256", true),
  "SCRAM-SHA-256": scram("SHA-256", false),
  "SCRAM-SHA-1-PLUS": scram("SHA-1", true),
  "SCRAM-SHA-1": scram("SHA-1", false),
  "CRAM-MD5": (credentials) => new CramMd5Exchange(credentials),
  PLAIN: (credentials) => new PlainExchange(credentials),
  LOGIN: (credentials) => new LoginExchange(credentials),
  OAUTHBEARER: (credentials, environment) => new OauthBearerExchange(credentials, environment),
  XOAUTH2: (credentials) => new Xoauth2Exchange(credentials),
  EXTERNAL: (credentials) => new ExternalExchange(credentials),
};

/**
 * Starts an exchange.
 *
 * @throws OptionError when there is no such mechanism, or the credentials do not fit
 */
export function createExchange(name: string, credentials: SaslCredentials, environment: SaslEnvironment): SaslExchange {
  const mechanism = findMechanism(name);
  // Only EXTERNAL may leave the user name to the certificate.
  if (mechanism.needs !== "none" || credentials.username !== "") checkCredentialText("username", credentials.username);
  if (credentials.authorizationId !== undefined) checkCredentialText("authorizationId", credentials.authorizationId);
  return EXCHANGES[mechanism.name](credentials, environment);
}

function scram(hash: "SHA-1" | "SHA-256", bindsChannel: boolean): Create {
  return (credentials, environment) => new ScramExchange({ hash, bindsChannel }, credentials, environment);
}
