/**
 * Every mechanism by its name, strongest first, and which of them to try with a server.
 *
 * Layer: protocol. RFC 4422 §3.1 (names), RFC 4954.
 */
import { OptionError } from "../../errors.js";
import { nearestName } from "../../nearest-name.js";
import { CramMd5Exchange } from "./cram-md5.js";
import { checkCredentialText } from "./credential-rules.js";
import type { SaslCredentials, SaslEnvironment, SaslExchange } from "./exchange.js";
import { ExternalExchange } from "./external.js";
import { LoginExchange } from "./login.js";
import { OauthBearerExchange } from "./oauthbearer.js";
import { PlainExchange } from "./plain.js";
import { ScramExchange } from "./scram.js";
import { Xoauth2Exchange } from "./xoauth2.js";

/** What a mechanism proves itself with; `"none"` leaves it to TLS. */
export type CredentialKind = "password" | "token" | "none";

export interface SaslMechanism {
  readonly name: string;
  readonly needs: CredentialKind;
  /** Works only where the TLS connection can be bound to (-PLUS). */
  readonly bindsChannel: boolean;
  /** @throws OptionError when the credentials do not fit */
  create(credentials: SaslCredentials, environment: SaslEnvironment): SaslExchange;
}

// The order is the order of preference.
const MECHANISMS: readonly SaslMechanism[] = [
  scram("SHA-256", true),
  scram("SHA-256", false),
  scram("SHA-1", true),
  scram("SHA-1", false),
  mechanism("CRAM-MD5", "password", (credentials) => new CramMd5Exchange(credentials)),
  mechanism("PLAIN", "password", (credentials) => new PlainExchange(credentials)),
  mechanism("LOGIN", "password", (credentials) => new LoginExchange(credentials)),
  mechanism("OAUTHBEARER", "token", (credentials, environment) => new OauthBearerExchange(credentials, environment)),
  mechanism("XOAUTH2", "token", (credentials) => new Xoauth2Exchange(credentials)),
  mechanism("EXTERNAL", "none", (credentials) => new ExternalExchange(credentials)),
];

/** The names that `authMethods` may hold, strongest first. */
export const MECHANISM_NAMES: readonly string[] = MECHANISMS.map((one) => one.name);

/**
 * The mechanism of that name, in any letter case.
 *
 * @throws OptionError when there is none
 */
export function findMechanism(name: string, option: string = "mechanism"): SaslMechanism {
  const upper = name.toUpperCase();
  const found = MECHANISMS.find((one) => one.name === upper);
  if (found !== undefined) return found;
  const near = nearestName(upper, MECHANISM_NAMES);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  throw new OptionError(
    option,
    `${JSON.stringify(name.slice(0, 40))} is not one of ${MECHANISM_NAMES.join(", ")}${meant}`,
  );
}

/**
 * Starts a mechanism.
 *
 * @throws OptionError when there is no such mechanism, or the credentials do not fit
 */
export function createExchange(name: string, credentials: SaslCredentials, environment: SaslEnvironment): SaslExchange {
  const { needs, create } = findMechanism(name);
  // EXTERNAL alone may leave the name to the certificate.
  if (needs !== "none" || credentials.username !== "") checkCredentialText("username", credentials.username);
  if (credentials.authorizationId !== undefined) checkCredentialText("authorizationId", credentials.authorizationId);
  return create(credentials, environment);
}

/**
 * The mechanisms to try, in order: those that the server offers, that fit the credentials, and that `authMethods` allows.
 * `authMethods` also sets the order; without it the strongest comes first.
 *
 * @throws OptionError when `authMethods` holds an unknown name
 */
export function chooseMechanisms(choice: {
  /** What the server names, in any letter case. */
  readonly offered: readonly string[];
  readonly kind: CredentialKind;
  readonly authMethods?: readonly string[] | undefined;
  readonly hasChannelBinding: boolean;
}): readonly string[] {
  const offered = new Set(choice.offered.map((name) => name.toUpperCase()));
  const wanted = choice.authMethods?.map((name) => findMechanism(name, "authMethods")) ?? MECHANISMS;
  // EXTERNAL stands beside any credentials when it is asked for by name.
  const needs: readonly CredentialKind[] = choice.authMethods === undefined ? [choice.kind] : [choice.kind, "none"];
  const fitting = wanted.filter(
    (one) => needs.includes(one.needs) && offered.has(one.name) && (choice.hasChannelBinding || !one.bindsChannel),
  );
  return fitting.map((one) => one.name);
}

function scram(hash: "SHA-1" | "SHA-256", bindsChannel: boolean): SaslMechanism {
  const name = `SCRAM-${hash}${bindsChannel ? "-PLUS" : ""}`;
  return {
    name,
    needs: "password",
    bindsChannel,
    create: (credentials, environment) => new ScramExchange({ hash, bindsChannel }, credentials, environment),
  };
}

function mechanism(name: string, needs: CredentialKind, create: SaslMechanism["create"]): SaslMechanism {
  return { name, needs, bindsChannel: false, create };
}
