/**
 * How to send to this inbox, in the words of programs that people have.
 */
import type { ApiInbox } from "../../../src/web/api-types.js";

export interface Snippet {
  readonly name: string;
  readonly code: string;
}

const FROM = "me@example.com";
const TO = "you@example.com";

/** @param host how the reader's program reaches the inbox. */
export function snippetsFor(inbox: ApiInbox, host: string): readonly Snippet[] {
  return [
    { name: "Postrider", code: postrider(inbox, host) },
    { name: "Nodemailer", code: nodemailer(inbox, host) },
    { name: ".env", code: environment(inbox, host) },
    { name: "curl", code: curl(inbox, host) },
    { name: "Python", code: python(inbox, host) },
    { name: "PHP", code: php(inbox, host) },
  ];
}

export function smtpAddress({ smtpPort }: ApiInbox, host: string): string {
  return addressOf(host, smtpPort);
}

/** Address and port as one writes them; an IPv6 address stands in brackets. */
export function addressOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const needsLogin = ({ auth }: ApiInbox): boolean => auth === "required";
const user = ({ anyUser }: ApiInbox): string => (anyUser === true ? "any-name" : "USER");

function postrider(inbox: ApiInbox, host: string): string {
  const { smtpPort, protocol, tls } = inbox;
  const options = [
    ...(host === "127.0.0.1" || host === "localhost" ? [] : [`hostname: "${host}"`]),
    `port: ${smtpPort}`,
    ...(protocol === "lmtp" ? ['protocol: "lmtp"'] : []),
    ...(tls === "implicit" ? ["useTls: true"] : tls === "starttls" ? ["startTls: true"] : []),
    ...(tls === "none" ? [] : ["tls: { ca }"]),
    ...(needsLogin(inbox) ? [`username: "${user(inbox)}"`, 'password: "PASSWORD"'] : []),
    ...(needsLogin(inbox) && tls === "none" && !isHere(host) ? ["allowPlaintextAuth: true"] : []),
  ];
  return `import { send } from "postrider";

await send(
  {
    from: "${FROM}",
    to: "${TO}",
    subject: "Hello",
    text: "It works.",
  },
  { ${options.join(", ")} },
);`;
}

function nodemailer(inbox: ApiInbox, host: string): string {
  const { smtpPort, tls, protocol } = inbox;
  const lines = [
    `  host: "${host}",`,
    `  port: ${smtpPort},`,
    ...(protocol === "lmtp" ? ["  lmtp: true,"] : []),
    ...(tls === "implicit" ? ["  secure: true,"] : tls === "starttls" ? ["  requireTLS: true,"] : []),
    ...(tls === "none" ? [] : ["  tls: { ca },"]),
    ...(needsLogin(inbox) ? [`  auth: { user: "${user(inbox)}", pass: "PASSWORD" },`] : []),
  ];
  return `import nodemailer from "nodemailer";

const transport = nodemailer.createTransport({
${lines.join("\n")}
});
await transport.sendMail({
  from: "${FROM}",
  to: "${TO}",
  subject: "Hello",
  text: "It works.",
});`;
}

function environment(inbox: ApiInbox, host: string): string {
  const { smtpPort, tls } = inbox;
  const login = needsLogin(inbox) ? `${user(inbox)}:PASSWORD@` : "";
  const scheme = tls === "implicit" ? "smtps" : "smtp";
  return [
    `SMTP_URL=${scheme}://${login}${smtpAddress(inbox, host)}`,
    "",
    "# or, for programs that want them one by one",
    `SMTP_HOST=${host}`,
    `SMTP_PORT=${smtpPort}`,
    ...(needsLogin(inbox) ? [`SMTP_USERNAME=${user(inbox)}`, "SMTP_PASSWORD=PASSWORD"] : []),
    "",
    "# Laravel, Symfony",
    "MAIL_MAILER=smtp",
    `MAIL_HOST=${host}`,
    `MAIL_PORT=${smtpPort}`,
    `MAILER_DSN=${scheme}://${login}${smtpAddress(inbox, host)}`,
  ].join("\n");
}

function curl(inbox: ApiInbox, host: string): string {
  const { tls } = inbox;
  const flags = [
    ...(tls === "starttls" ? ["--ssl-reqd"] : []),
    ...(tls === "none" ? [] : ["--cacert ca.pem"]),
    ...(needsLogin(inbox) ? [`--user ${user(inbox)}:PASSWORD`] : []),
    `--mail-from ${FROM}`,
    `--mail-rcpt ${TO}`,
  ];
  return `printf 'From: ${FROM}\\r\\nTo: ${TO}\\r\\nSubject: Hello\\r\\n\\r\\nIt works.\\r\\n' |
  curl ${tls === "implicit" ? "smtps" : "smtp"}://${smtpAddress(inbox, host)} \\
    ${flags.join(" \\\n    ")} \\
    --upload-file -`;
}

function python(inbox: ApiInbox, host: string): string {
  const { smtpPort, tls, protocol } = inbox;
  const kind = protocol === "lmtp" ? "LMTP" : tls === "implicit" ? "SMTP_SSL" : "SMTP";
  const secure = tls === "implicit" ? ', context=ssl.create_default_context(cafile="ca.pem")' : "";
  return `import smtplib${tls === "none" ? "" : ", ssl"}
from email.message import EmailMessage

message = EmailMessage()
message["From"] = "${FROM}"
message["To"] = "${TO}"
message["Subject"] = "Hello"
message.set_content("It works.")

with smtplib.${kind}("${host}", ${smtpPort}${secure}) as server:
${tls === "starttls" ? '    server.starttls(context=ssl.create_default_context(cafile="ca.pem"))\n' : ""}${needsLogin(inbox) ? `    server.login("${user(inbox)}", "PASSWORD")\n` : ""}    server.send_message(message)`;
}

function php(inbox: ApiInbox, host: string): string {
  const { tls } = inbox;
  const login = needsLogin(inbox) ? `${user(inbox)}:PASSWORD@` : "";
  return `<?php
// composer require symfony/mailer
use Symfony\\Component\\Mailer\\{Mailer, Transport};
use Symfony\\Component\\Mime\\Email;

$mailer = new Mailer(Transport::fromDsn("${tls === "implicit" ? "smtps" : "smtp"}://${login}${smtpAddress(inbox, host)}"));
$mailer->send(
    (new Email())
        ->from("${FROM}")
        ->to("${TO}")
        ->subject("Hello")
        ->text("It works.")
);`;
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
