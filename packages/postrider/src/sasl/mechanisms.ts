/**
 * The SASL mechanisms by name, strongest first, and the choice among those that a server offers.
 *
 * Layer: sasl. RFC 4422 §3.1 (names), RFC 4954.
 */
import { OptionError } from "../errors/errors.js";
import { nearestName } from "../text/characters.js";

/** The credentials that a mechanism needs; `"none"` relies on the client certificate. */
export type CredentialKind = "password" | "token" | "none";

/** The names of the mechanisms, as a server writes them. */
export type MechanismName =
  | `SCRAM-SHA-${"1" | "256"}${"" | "-PLUS"}`
  | "CRAM-MD5"
  | "PLAIN"
  | "LOGIN"
  | "OAUTHBEARER"
  | "XOAUTH2"
  | "EXTERNAL";

export interface SaslMechanism {
  readonly name: MechanismName;
  readonly needs: CredentialKind;
  /** Needs channel binding to TLS (-PLUS). */
  readonly bindsChannel: boolean;
}

/** In order of preference. */
const MECHANISMS: readonly SaslMechanism[] = [
  mechanism("SCRAM-SHA-256-PLUS", "password", true),
  mechanism("SCRAM-SHA-256", "password"),
  mechanism("SCRAM-SHA-1-PLUS", "password", true),
  mechanism("SCRAM-SHA-1", "password"),
  mechanism("CRAM-MD5", "password"),
  mechanism("PLAIN", "password"),
  mechanism("LOGIN", "password"),
  mechanism("OAUTHBEARER", "token"),
  mechanism("XOAUTH2", "token"),
  mechanism("EXTERNAL", "none"),
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
 * The mechanisms to try, in order: those that the server offers, that fit the credentials, and that `authMethods` allows.
 * `authMethods` also sets the order; without it the strongest comes first.
 *
 * @throws OptionError when `authMethods` holds an unknown name
 */
export function chooseMechanisms(choice: {
  /** The server's names, in any letter case. */
  readonly offered: readonly string[];
  readonly kind: CredentialKind;
  readonly authMethods?: readonly string[] | undefined;
  readonly hasChannelBinding: boolean;
}): readonly string[] {
  const offered = new Set(choice.offered.map((name) => name.toUpperCase()));
  const wanted = choice.authMethods?.map((name) => findMechanism(name, "authMethods")) ?? MECHANISMS;
  // EXTERNAL goes with any credentials when `authMethods` names it.
  const needs: readonly CredentialKind[] = choice.authMethods === undefined ? [choice.kind] : [choice.kind, "none"];
  const fitting = wanted.filter(
    (one) => needs.includes(one.needs) && offered.has(one.name) && (choice.hasChannelBinding || !one.bindsChannel),
  );
  return fitting.map((one) => one.name);
}

function mechanism(name: MechanismName, needs: CredentialKind, bindsChannel: boolean = false): SaslMechanism {
  return { name, needs, bindsChannel };
}
