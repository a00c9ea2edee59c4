/**
 * The report of a server as lines of text.
 */
import { type Line, paint } from "../terminal/output.js";
import type { CertificateReport, LimitsReport, ServerReport, TlsReport } from "./server-report.js";

const LABEL_WIDTH = 12;

export function formatReport(report: ServerReport): Line[] {
  return [
    [paint("bold", report.server)],
    row("greeting", report.greeting),
    row("time", `${report.connectMs} ms to connect, ${report.roundTripMs} ms for a round trip`),
    ...formatTls(report.tls),
    ...formatExtensions(report.extensions),
    row("mechanisms", report.authMethods.length === 0 ? "none" : report.authMethods.join(", ")),
    row("limits", formatLimits(report.limits)),
    row("clear text", formatClearText(report)),
    ...(report.login === undefined ? [] : [row("login", `${report.login.username}: ${report.login.answer}`)]),
    ...report.warnings.map((warning): Line => [paint("yellow", "warning"), `  ${warning}`]),
  ];
}

function formatTls(tls: TlsReport | undefined): Line[] {
  if (tls === undefined) return [row("TLS", "none")];
  return [
    row("TLS", `${tls.protocol}, ${tls.cipher}, ${tls.by === "STARTTLS" ? "STARTTLS" : "implicit TLS"}`),
    row("certificate", tls.problem === undefined ? "valid" : "NOT valid"),
    ...tls.chain.map((one, depth) => row("", formatCertificate(one, depth))),
  ];
}

function formatCertificate({ subject, issuer, names, validTo, daysLeft }: CertificateReport, depth: number): string {
  const left = daysLeft < 0 ? `ended ${-daysLeft} days ago` : `${daysLeft} days left`;
  const forNames = names.length === 0 ? "" : ` for ${names.join(", ")};`;
  return `${depth + 1}. ${subject};${forNames} until ${validTo.slice(0, 10)} (${left}), signed by ${issuer}`;
}

function formatExtensions(extensions: ServerReport["extensions"]): Line[] {
  const names = Object.entries(extensions).map(([name, value]) => (value === "" ? name : `${name} ${value}`));
  return names.length === 0
    ? [row("extensions", "none")]
    : names.map((name, index) => row(index === 0 ? "extensions" : "", name));
}

function formatLimits({ messageBytes, mailMax, rcptMax, rcptDomainMax }: LimitsReport): string {
  const limits = [
    messageBytes === undefined ? undefined : `${formatBytes(messageBytes)} a message`,
    rcptMax === undefined ? undefined : `${rcptMax} recipients a message`,
    rcptDomainMax === undefined ? undefined : `${rcptDomainMax} domains a message`,
    mailMax === undefined ? undefined : `${mailMax} messages a connection`,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? "none announced" : limits.join(", ");
}

function formatClearText({ clearText, tls }: ServerReport): string {
  if (tls?.by === "first byte") return "none: implicit TLS";
  const offered =
    clearText.authMethods.length === 0
      ? "the server takes no passwords without TLS"
      : `the server takes passwords without TLS (${clearText.authMethods.join(", ")})`;
  if (clearText.authMethods.length === 0 && !clearText.refusedByPostrider) return offered;
  return `${offered}; Postrider ${clearText.refusedByPostrider ? "refuses to send them" : "would send them (to this machine, or with ?allowPlaintextAuth=true in the URL)"}`;
}

/** `10.5 MB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function row(label: string, text: string): Line {
  return ["  ", paint("dim", label.padEnd(LABEL_WIDTH)), `  ${text}`];
}
