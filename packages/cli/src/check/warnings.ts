/**
 * What is wrong with a server, or soon will be.
 */
import { isThisMachine } from "../server/this-machine.js";
import type { ServerReport } from "./server-report.js";

/** Days before its end at which a certificate should have been renewed: most are, at a third of ninety. */
const SOON_DAYS = 21;

/** Older ones are broken or withdrawn (RFC 8996). */
const GOOD_TLS: ReadonlySet<string> = new Set(["TLSv1.2", "TLSv1.3"]);

/** @param isTlsRequired whether `--starttls` asked for it. */
export function findWarnings(report: Omit<ServerReport, "warnings">, url: URL, isTlsRequired = false): string[] {
  return [...tlsWarnings(report, url, isTlsRequired), ...loginWarnings(report), ...extensionWarnings(report)];
}

function tlsWarnings({ tls, extensions }: Omit<ServerReport, "warnings">, url: URL, isRequired: boolean): string[] {
  if (tls === undefined) return clearTextWarnings(extensions, url, isRequired);
  const warnings: string[] = [];
  if (tls.problem !== undefined) warnings.push(`the certificate does not hold: ${tls.problem}`);
  const [own] = tls.chain;
  if (own !== undefined && own.daysLeft >= 0 && own.daysLeft < SOON_DAYS) {
    warnings.push(`the certificate ends in ${own.daysLeft} days`);
  }
  if (!GOOD_TLS.has(tls.protocol)) warnings.push(`${tls.protocol} is old; servers should speak TLS 1.2 or 1.3`);
  return warnings;
}

function clearTextWarnings(extensions: ServerReport["extensions"], url: URL, isRequired: boolean): string[] {
  const where = isThisMachine(url)
    ? "there is no TLS: nobody else can listen only because the server is on this machine"
    : "there is no TLS: everything can be read and changed on the way";
  if (Object.hasOwn(extensions, "STARTTLS")) return [`${where}; the server offers STARTTLS`];
  const refused = isRequired ? ["it offers no STARTTLS, so --starttls sends nothing there"] : [];
  return [where, ...refused];
}

function loginWarnings({ clearText, login, tls, authMethods }: Omit<ServerReport, "warnings">): string[] {
  const warnings: string[] = [];
  if (tls?.by === "STARTTLS" && clearText.authMethods.length > 0) {
    warnings.push("it takes passwords before STARTTLS: a program that forgets TLS sends them in clear text");
  }
  if (tls === undefined && clearText.authMethods.length > 0 && clearText.refusedByPostrider) {
    warnings.push("it takes passwords without TLS; Postrider refuses to send them there");
  }
  if (login !== undefined && !login.accepted) warnings.push(`${login.username} could not log in: ${login.answer}`);
  if (login === undefined && tls !== undefined && authMethods.length === 0) {
    warnings.push("it offers no way to log in: it takes mail only for its own domains, or from addresses it knows");
  }
  return warnings;
}

const USEFUL: Readonly<Record<string, string>> = {
  PIPELINING: "every command costs a round trip",
  SIZE: "a message that is too large is refused only after it was sent",
  "8BITMIME": "text that is not ASCII is sent encoded",
  SMTPUTF8: "addresses such as müller@example.org cannot be reached",
  ENHANCEDSTATUSCODES: "a refusal says less about its reason",
};

function extensionWarnings({ extensions }: Omit<ServerReport, "warnings">): string[] {
  if (Object.keys(extensions).length === 0) return ["it offers no extensions at all"];
  return Object.entries(USEFUL)
    .filter(([name]) => !Object.hasOwn(extensions, name))
    .map(([name, consequence]) => `it does not offer ${name}: ${consequence}`);
}
