/**
 * Who may log in: the one pair of the options, whoever has the password, or anybody.
 */
import type { InboxLogin } from "../options.js";
import type { Login } from "./login.js";

/** The name that is logged in from now on; undefined when the credentials are wrong. */
export function authenticate(expected: InboxLogin | "any", given: Login): string | undefined {
  const { username } = given;
  if (expected === "any") return username;
  const isUser = expected.username === undefined || username === expected.username;
  return isUser && given.proves(expected.password) ? username : undefined;
}
