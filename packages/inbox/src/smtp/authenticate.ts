/**
 * Who may log in: the one pair of the options, whoever has the password, or anybody.
 */
import type { SMTPServerAuthentication } from "smtp-server";
import type { InboxLogin } from "../options.js";

/** All that smtp-server speaks. */
export const AUTH_METHODS: readonly string[] = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"];

/** The name that is logged in from now on; undefined when the credentials are wrong. */
export function authenticate(expected: InboxLogin | "any", given: SMTPServerAuthentication): string | undefined {
  const username = given.username ?? "";
  if (expected === "any") return username;
  const isUser = expected.username === undefined || username === expected.username;
  return isUser && proves(given, expected.password) ? username : undefined;
}

function proves(given: SMTPServerAuthentication, password: string): boolean {
  if (given.method === "CRAM-MD5") return given.validatePassword(password);
  if (given.method === "XOAUTH2") return given.accessToken === password;
  return given.password === password;
}
