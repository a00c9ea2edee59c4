/**
 * Errors of the library in the words of the command line: it speaks of its options (`startTls: true`, `tls.ca`), which here are flags, or
 * parts of the server's URL.
 */
import { type AnySmtpError, isSmtpError } from "postrider";

/** The message of any error, for a person at a shell. */
export function wordsOf(error: unknown): string {
  if (!isSmtpError(error)) return error instanceof Error ? error.message : String(error);
  const [field, flag] = flagOf(error);
  const rest = field === "" ? error.message : error.message.slice(field.length);
  return flag + inFlags(rest);
}

/** Hints of the library with the command's words in place of its options. */
export function inFlags(text: string): string {
  return PHRASES.reduce((said, [pattern, words]) => said.replace(pattern, words), text);
}

/** Longer phrases first: single options follow. */
const PHRASES: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^The (?:pool was closed|connection was closed by close\(\))$/, "stopped"],
  [/\bmust not be true together with useTls\b/g, "cannot be combined with --tls"],
  [/,? or set tls\.servername to it/g, ""],
  [/Check hostname and tls\.servername/g, "Check the name in the server's URL"],
  [/Set tls\.cert and tls\.key/g, "Give a client certificate by --cert and --cert-key"],
  [/Check tls\.key, cert, pfx,.* ecdhCurve/g, "Check the files of --cert-key, --cert and --ca"],
  [
    /tls\.ciphers with @SECLEVEL lowers the requirement/g,
    "NODE_OPTIONS=--tls-cipher-list=DEFAULT@SECLEVEL=0 lowers the requirement",
  ],
  [/Compare tls\.minVersion and tls\.maxVersion with/g, "Compare --tls-min-v1.0 and the like in NODE_OPTIONS with"],
  [/\bin tls\.ca\b/g, "by --ca"],
  [/\btls\.ca\b/g, "--ca"],
  [/\btls\.minVersion\b/g, "the lowest version of TLS"],
  [/\btls\.maxVersion\b/g, "the highest version of TLS"],
  [/\btls\.cert\b/g, "--cert"],
  [/\btls\.key\b/g, "--cert-key"],
  [/\btls\.(\w+)/g, "$1 of TLS"],
  [/(?<![?&])\buseTls: true\b/g, "--tls"],
  [/(?<![?&])\bstartTls: true\b/g, "--starttls"],
  [/(?<![?&])\bstartTls: false\b/g, "--no-starttls"],
  [/(?<![?&])\bstartTls\b(?!=)/g, "--starttls"],
  [/(?<![?&])\buseTls\b(?!=|: false)/g, "--tls"],
  [/(?<![?&])\b(useTls|allowPlaintextAuth|requireTls): (true|false)\b/g, "?$1=$2 in the server's URL"],
  [/(?<![?&])\b(allowPlaintextAuth|localAddress|deliveryTimeout)\b(?!=|\(| in the)/g, "$1 in the server's URL"],
  [/\blocalHostname\b(?!=)/g, "--helo"],
  [/\bauthMethods: \["EXTERNAL"\]/g, "--auth EXTERNAL"],
  [/\bauthMethods\b(?!=)/g, "--auth"],
  [/\baccessToken\b/g, "--token-command"],
  [/\bhost and port in proxy\b/g, "name and port of --proxy"],
  [/\bso sender must be given too\b/g, 'so one must be named by --header "Sender: ..."'],
  [/\bset From or Sender, or give sender\b/g, "set From or Sender, or give --sender"],
  [/\bhostname and port\b/g, "the name and the port in the server's URL"],
  [/\bhostname\b/g, "the name in the server's URL"],
  [/\bsocketPath\b/g, "the path of the socket"],
  [/\busername\b/g, "--user"],
];

/** What the flags of the command are called in the library; a number in brackets may follow. */
const FLAGS: Readonly<Record<string, string>> = {
  url: "the server's URL",
  hostname: "the name in the server's URL",
  port: "the port in the server's URL",
  protocol: "the server's URL",
  username: "--user",
  password: "the password",
  "tls.cert": "--cert",
  "tls.key": "--cert-key",
  tls: "--ca",
  useTls: "--tls",
  startTls: "--starttls",
  authMethods: "--auth",
  accessToken: "--token-command",
  proxy: "--proxy",
  localHostname: "--helo",
  domain: "--dkim-domain",
  selector: "--dkim-selector",
  privateKey: "--dkim-key",
  recipients: "--to",
  sender: "--sender",
  from: "--from",
  to: "--to",
  cc: "--cc",
  bcc: "--bcc",
  replyTo: "--reply-to",
  subject: "--subject",
  text: "--text",
  html: "--html",
  attachments: "--attach",
  headers: "the header of the message",
  provider: "--provider",
  region: "--region",
  maxConnections: "--connections",
  maxInFlight: "--in-flight",
  rateLimit: "--rate",
  timeout: "--timeout",
};

/** The field that a message begins with, and the flag that stands for it; both empty when it begins with none. */
function flagOf(error: AnySmtpError): readonly [field: string, flag: string] {
  const field = error.code === "option" ? error.option : "field" in error ? error.field : "";
  const root = /^\w+/.exec(field)?.[0] ?? "";
  const flag = [field, root].map((name) => (Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined)).find(Boolean);
  if (flag === undefined || !error.message.startsWith(`${field}:`)) return ["", ""];
  return [field, flag];
}
