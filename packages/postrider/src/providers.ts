/**
 * Mail providers as data: server, port, TLS, login, limits and quirks. `provider(name)` turns a row into connection options.
 *
 * Layer: providers. RFC 8314 §3.3 (port 465), RFC 6409 §3.1 (port 587).
 */
import { OptionError } from "./errors/errors.js";
import { isObject } from "./given/values.js";
import { escapeUnseen, nearestName } from "./text/characters.js";

// biome-ignore format: one name a line would be a sixth of this file.
/** Names that `provider()` knows; aliases such as `"office365"` and domains such as `"gmail.com"` are in the table. */
export type ProviderName =
  | "126" | "163" | "aliyun" | "aliyunqiye" | "aol" | "aruba" | "azure" | "bluewin" | "bol" | "brevo" | "disroot"
  | "elasticemail" | "ethereal" | "fastmail" | "feishu" | "forwardemail" | "gandi" | "gmail" | "gmailworkspace" | "gmx" | "gmx.com"
  | "godaddy" | "hotmail" | "icloud" | "infomaniak" | "ionos" | "kolabnow" | "loopia" | "loops" | "mail.ru" | "mailbox.org"
  | "maildev" | "mailersend" | "mailgun" | "mailjet" | "mailpit" | "mailtrap" | "mailtrap-sandbox" | "mandrill"
  | "microsoft365" | "migadu" | "naver" | "one" | "ovh" | "postmark" | "posteo" | "proton" | "qq" | "qqex" | "resend"
  | "runbox" | "scaleway" | "sendgrid" | "sendpulse" | "ses" | "seznam" | "smtp2go" | "sparkpost" | "strato"
  | "t-online" | "web.de" | "yahoo" | "yandex" | "zeptomail" | "zoho";

/** One row of the table. */
export interface Provider {
  /** The name for `provider()`: lower case, without spaces. */
  readonly name: ProviderName;
  /** The name as people write it. */
  readonly title: string;
  /** Other names, and the domains of mail addresses at this provider. */
  readonly aliases: readonly string[];
  /** The server; `{region}` stands for the region where each has a server of its own. */
  readonly hostname: string;
  /** The server of one region, with `{region}` in it; undefined where there is one server for all. */
  readonly regionalHostname: string | undefined;
  /** The regions that `regionalHostname` takes; undefined: the provider's documentation lists them. */
  readonly regions: readonly string[] | undefined;
  /** The TCP port. */
  readonly port: number;
  /** `"implicit"`: TLS from the first byte. `"starttls"`: STARTTLS, required. `"none"`: a server on this machine, without TLS. */
  readonly tls: "implicit" | "starttls" | "none";
  /** The user name, where it is the same for every account, such as `"apikey"`. */
  readonly username: string | undefined;
  /** What to log in with, in a sentence; undefined where nothing is special: usually the address and its password. */
  readonly login: string | undefined;
  /** The limits that callers meet first; plans differ, and so do accounts. */
  readonly limits: string | undefined;
  /** Behaviour that surprises. */
  readonly quirks: string | undefined;
  /** The provider's page about its server; undefined where the table has none. */
  readonly source: string | undefined;
}

/** How a provider's server is reached: to be spread into the options of `send`, `SmtpClient` or `SmtpPool`. */
export interface ProviderConnection {
  /** The server. */
  readonly hostname: string;
  /** The TCP port. */
  readonly port: number;
  /** True for TLS from the first byte; else absent. */
  readonly useTls?: true;
  /** True: STARTTLS is required. False: a server on this machine, without TLS. Absent with `useTls`. */
  readonly startTls?: boolean;
  /** Only where it is the same for every account: `"apikey"` of SendGrid. */
  readonly username?: string;
}

/** Where `provider()` looks beyond the name. */
export interface ProviderOptions {
  /** Such as `"eu-west-1"` (required for Amazon SES) or `"eu"`. Default: the server for all regions. */
  readonly region?: string | undefined;
}

interface Details {
  readonly aka?: string;
  readonly regional?: string;
  readonly regions?: readonly string[];
  readonly user?: string;
  readonly login?: string;
  readonly limits?: string;
  readonly quirks?: string;
  readonly source?: string;
}

const APP_PASSWORD = "The address, and an app password.";
const API_KEY = "The password is an API key.";
const AUTHORIZATION_CODE = "The address, and an authorization code from its settings; the password is refused.";

/** The port of development servers on this machine. */
const DEVELOPMENT_PORT = 1025;

/** The table, in the order of the names. */
export const providers: readonly Provider[] = Object.freeze([
  row("126", "126", "smtp.126.com", 465, { aka: "126.com", login: AUTHORIZATION_CODE }),
  row("163", "163", "smtp.163.com", 465, { aka: "163.com", login: AUTHORIZATION_CODE }),
  row("aliyun", "Aliyun", "smtp.aliyun.com", 465, { aka: "aliyun.com" }),
  row("aliyunqiye", "Aliyun Qiye", "smtp.qiye.aliyun.com", 465),
  row("aol", "AOL", "smtp.aol.com", 587, { aka: "aol.com", login: APP_PASSWORD }),
  row("aruba", "Aruba", "smtps.aruba.it", 465, { aka: "aruba.it" }),
  row("azure", "Azure Communication Services", "smtp.azurecomm.net", 587, {
    login: "A user name of the resource, and the client secret of its Entra application.",
    source: "learn.microsoft.com/azure/communication-services/quickstarts/email/send-email-smtp/smtp-authentication",
  }),
  row("bluewin", "Bluewin", "smtpauths.bluewin.ch", 465, { aka: "bluewin.ch" }),
  row("bol", "BOL", "smtps.bol.com.br", 587, { aka: "bol.com.br" }),
  row("brevo", "Brevo", "smtp-relay.brevo.com", 587, {
    aka: "sendinblue",
    login: "The SMTP login of the account, and an SMTP key (not an API key).",
    limits: "Free plan: 300 messages a day.",
    source: "developers.brevo.com/docs/smtp-integration",
  }),
  row("disroot", "Disroot", "disroot.org", 587, { aka: "disroot.org" }),
  row("elasticemail", "Elastic Email", "smtp.elasticemail.com", 465, { login: "SMTP credentials of the account." }),
  row("ethereal", "Ethereal", "smtp.ethereal.email", 587, {
    aka: "ethereal.email",
    quirks: "Catches mail for inspection; delivers nothing.",
    source: "ethereal.email",
  }),
  row("fastmail", "Fastmail", "smtp.fastmail.com", 465, {
    aka: "fastmail.com fastmail.fm",
    login: APP_PASSWORD,
    quirks: "From must be an address of the account.",
    source: "www.fastmail.help/hc/en-us/articles/1500000278342",
  }),
  row("feishu", "Feishu Mail", "smtp.feishu.cn", 465, { aka: "feishu.cn" }),
  row("forwardemail", "Forward Email", "smtp.forwardemail.net", 465, { aka: "fe forwardemail.net" }),
  row("gandi", "Gandi", "mail.gandi.net", 587, { aka: "gandimail" }),
  row("gmail", "Gmail", "smtp.gmail.com", 465, {
    aka: "googlemail gmail.com googlemail.com",
    login: "The address, and an app password (needs 2-Step Verification) or an OAuth 2 access token.",
    limits: "500 messages a day, Google Workspace: 2 000; 100 recipients a message.",
    quirks: "Replaces a From that is not an address of the account.",
    source: "support.google.com/mail/answer/7126229",
  }),
  row("gmailworkspace", "Google Workspace relay", "smtp-relay.gmail.com", 465, {
    aka: "googleworkspacemail",
    login: "As Gmail; or none, from an IP address that an administrator has listed.",
    limits: "10 000 recipients a day for each user.",
    source: "support.google.com/a/answer/2956491",
  }),
  row("gmx", "GMX", "mail.gmx.net", 587, {
    aka: "gmx.net gmx.de gmx.at gmx.ch",
    regional: "mail.gmx.{region}",
    regions: ["com"],
    quirks: "The account must allow POP3 and IMAP.",
  }),
  row("gmx.com", "GMX.com", "mail.gmx.com", 587, { quirks: "The account must allow POP3 and IMAP." }),
  row("godaddy", "GoDaddy", "smtpout.secureserver.net", 465),
  row("hotmail", "Outlook.com", "smtp-mail.outlook.com", 587, {
    aka: "outlook outlook.com hotmail.com",
    login: "The address, and an OAuth 2 access token; passwords are refused.",
    source: "support.microsoft.com/office/d088b986-291d-42b8-9564-9c414e2aa040",
  }),
  row("icloud", "iCloud Mail", "smtp.mail.me.com", 587, {
    aka: "me mac icloud.com me.com mac.com",
    login: APP_PASSWORD,
    limits: "1 000 recipients a day, 500 a message, 20 MB.",
    source: "support.apple.com/102525",
  }),
  row("infomaniak", "Infomaniak", "mail.infomaniak.com", 587, { aka: "ik.me ikmail.com etik.com" }),
  row("ionos", "IONOS", "smtp.ionos.de", 465, {
    aka: "1und1",
    regional: "smtp.ionos.{region}",
    regions: ["com", "co.uk", "fr", "es", "it"],
  }),
  row("kolabnow", "Kolab Now", "smtp.kolabnow.com", 465, { aka: "kolab kolabnow.com" }),
  row("loopia", "Loopia", "mailcluster.loopia.se", 465),
  row("loops", "Loops", "smtp.loops.so", 587, {
    user: "loops",
    login: API_KEY,
    quirks: "The text is JSON: a template of the account and its data.",
    source: "loops.so/docs/smtp",
  }),
  row("mail.ru", "Mail.ru", "smtp.mail.ru", 465, { login: APP_PASSWORD }),
  row("mailbox.org", "mailbox.org", "smtp.mailbox.org", 465),
  row("maildev", "MailDev", "localhost", 1025, {
    login: "None.",
    quirks: "Catches mail for inspection; delivers nothing.",
  }),
  row("mailersend", "MailerSend", "smtp.mailersend.net", 587, {
    login: "An SMTP user of the domain, and its password.",
  }),
  row("mailgun", "Mailgun", "smtp.mailgun.org", 465, {
    regional: "smtp.{region}.mailgun.org",
    regions: ["eu"],
    login: "An SMTP user of the domain, such as postmaster@mg.example.org, and its password.",
    limits: "25 MB a message.",
    source: "documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp",
  }),
  row("mailjet", "Mailjet", "in-v3.mailjet.com", 587, { login: "The API key, and the secret key." }),
  row("mailpit", "Mailpit", "localhost", 1025, {
    login: "None.",
    quirks: "Catches mail for inspection; delivers nothing.",
  }),
  row("mailtrap", "Mailtrap", "live.smtp.mailtrap.io", 587, {
    user: "api",
    login: "The password is an API token.",
    quirks: "Promotional mail goes to bulk.smtp.mailtrap.io.",
    source: "docs.mailtrap.io",
  }),
  row("mailtrap-sandbox", "Mailtrap Sandbox", "sandbox.smtp.mailtrap.io", 2525, {
    login: "The user name and password of one sandbox.",
    quirks: "Catches mail for inspection; delivers nothing.",
    source: "docs.mailtrap.io",
  }),
  row("mandrill", "Mandrill", "smtp.mandrillapp.com", 587, { login: "Any user name, and an API key." }),
  row("microsoft365", "Microsoft 365", "smtp.office365.com", 587, {
    aka: "outlook365 office365",
    login: "The address, and an OAuth 2 access token; passwords only while the tenant allows basic authentication.",
    limits: "3 connections, 30 messages a minute, 10 000 recipients a day.",
    quirks: "SMTP AUTH must be enabled for the mailbox; From must be its address, or one that it may send as.",
    source: "learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission",
  }),
  row("migadu", "Migadu", "smtp.migadu.com", 465),
  row("naver", "Naver", "smtp.naver.com", 587),
  row("one", "one.com", "send.one.com", 465),
  row("ovh", "OVHcloud", "ssl0.ovh.net", 465),
  row("posteo", "Posteo", "posteo.de", 465, { aka: "posteo.de" }),
  row("postmark", "Postmark", "smtp.postmarkapp.com", 587, {
    aka: "postmarkapp",
    login: "The server's API token, as user name and as password.",
    limits: "50 recipients and 10 MB a message.",
    quirks: "The field X-PM-Message-Stream chooses the stream; broadcasts go to smtp-broadcasts.postmarkapp.com.",
    source: "postmarkapp.com/developer/user-guide/send-email-with-smtp",
  }),
  row("proton", "Proton Mail", "smtp.protonmail.ch", 587, {
    aka: "protonmail proton.me protonmail.com pm.me protonmail.ch",
    login: "An address of your own domain, and its SMTP token.",
    source: "proton.me/support/smtp-submission",
  }),
  row("qq", "QQ", "smtp.qq.com", 465, { aka: "qq.com foxmail.com", login: AUTHORIZATION_CODE }),
  row("qqex", "QQ Enterprise", "smtp.exmail.qq.com", 465, { aka: "qqenterprise exmail.qq.com" }),
  row("resend", "Resend", "smtp.resend.com", 465, {
    user: "resend",
    login: API_KEY,
    limits: "The rate limit of the API counts here too.",
    quirks: "The field Resend-Idempotency-Key prevents a second copy.",
    source: "resend.com/docs/send-with-smtp",
  }),
  row("runbox", "Runbox", "mail.runbox.com", 465, {
    aka: "runbox.com",
    login: "The name before the @ (with a domain of your own: name%domain), and the password.",
    source: "help.runbox.com/email-program-settings",
  }),
  row("scaleway", "Scaleway", "smtp.tem.scaleway.com", 465, {
    login: "The project's ID, and the secret key of an API key.",
  }),
  row("sendgrid", "SendGrid", "smtp.sendgrid.net", 587, {
    user: "apikey",
    login: API_KEY,
    limits: "5 000 messages a connection.",
    source: "www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api",
  }),
  row("sendpulse", "SendPulse", "smtp-pulse.com", 465),
  row("ses", "Amazon SES", "email-smtp.{region}.amazonaws.com", 465, {
    aka: "amazonses",
    regional: "email-smtp.{region}.amazonaws.com",
    login: "SMTP credentials of that region; access keys of IAM are refused.",
    limits: "50 recipients a message; sandbox: 200 messages a day, 1 a second, to verified addresses.",
    source: "docs.aws.amazon.com/ses/latest/dg/smtp-connect.html",
  }),
  row("seznam", "Seznam", "smtp.seznam.cz", 465, { aka: "seznam.cz email.cz post.cz" }),
  row("smtp2go", "SMTP2GO", "mail.smtp2go.com", 587, { login: "An SMTP user of the account, and its password." }),
  row("sparkpost", "SparkPost", "smtp.sparkpostmail.com", 587, {
    regional: "smtp.{region}.sparkpostmail.com",
    regions: ["eu"],
    user: "SMTP_Injection",
    login: API_KEY,
    limits: "100 messages a connection.",
    source: "developers.sparkpost.com/api/smtp",
  }),
  row("strato", "Strato", "smtp.strato.de", 465, { aka: "strato.de" }),
  row("t-online", "T-Online", "securesmtp.t-online.de", 465, {
    aka: "t-online.de",
    login: "The address, and the password for mail programs, which is not that of the account.",
  }),
  row("web.de", "WEB.DE", "smtp.web.de", 587, { quirks: "The account must allow POP3 and IMAP." }),
  row("yahoo", "Yahoo", "smtp.mail.yahoo.com", 465, {
    aka: "yahoo.com",
    login: APP_PASSWORD,
    source: "help.yahoo.com/kb/SLN4724.html",
  }),
  row("yandex", "Yandex", "smtp.yandex.ru", 465, { aka: "yandex.ru yandex.com", login: APP_PASSWORD }),
  row("zeptomail", "ZeptoMail", "smtp.zeptomail.com", 587, {
    regional: "smtp.zeptomail.{region}",
    regions: ["eu", "in"],
    user: "emailapikey",
    login: "The password is the send mail token.",
  }),
  row("zoho", "Zoho", "smtp.zoho.com", 465, {
    aka: "zoho.com",
    regional: "smtp.zoho.{region}",
    regions: ["eu", "in", "jp", "com.au", "com.cn", "sa"],
    quirks:
      "Paid accounts with a domain of their own use smtppro in place of smtp. From must be the account or an alias.",
    source: "www.zoho.com/mail/help/zoho-smtp.html",
  }),
]);

const BY_NAME: ReadonlyMap<string, Provider> = new Map(
  providers.flatMap((row) => [row.name, row.title, ...row.aliases].map((name) => [keyOf(name), row] as const)),
);

/**
 * The connection options of a provider.
 *
 * @example
 * await send(message, { ...provider("gmail"), username: "ann@gmail.com", password: appPassword });
 *
 * @param name A name of the table, an alias, or a domain or mail address at the provider; letter case and spaces do not matter.
 * @throws OptionError when there is no such provider, the region is not one of it, or a region is needed
 */
export function provider(
  name: ProviderName | (string & Record<never, never>),
  options: ProviderOptions = {},
): ProviderConnection {
  const row = findProvider(name);
  const { port, tls, username } = row;
  return Object.freeze({
    hostname: hostnameIn(row, options),
    port,
    ...(tls === "implicit" ? { useTls: true } : { startTls: tls === "starttls" }),
    ...(username === undefined ? {} : { username }),
  });
}

/** @throws OptionError */
function findProvider(name: unknown): Provider {
  if (typeof name !== "string" || name === "") throw new OptionError("provider", "must be the name of a provider");
  const key = keyOf(name);
  const found = BY_NAME.get(key) ?? BY_NAME.get(key.slice(key.lastIndexOf("@") + 1));
  if (found !== undefined) return found;
  const near = nearestName(key, [...BY_NAME.keys()]);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new OptionError("provider", `is not known: ${escapeUnseen(JSON.stringify(name.slice(0, 60)))}${meant}`);
}

/** @throws OptionError */
function hostnameIn({ title, hostname, regionalHostname, regions }: Provider, options: ProviderOptions): string {
  if (!isObject(options)) throw new OptionError("provider", "takes an object with the region");
  const { region } = options;
  if (region === undefined) {
    if (!hostname.includes("{")) return hostname;
    throw new OptionError("region", `must be given: ${title} has a server in each region`);
  }
  if (regionalHostname === undefined) throw new OptionError("region", `cannot be chosen: ${title} has one server`);
  // SECURITY: the region becomes a part of the name that the password is sent to.
  if (typeof region !== "string" || !/^[a-z]+(?:[.-][a-z]+)*(?:-\d)?$/.test(region)) {
    throw new OptionError("region", 'must be the short name of a region, such as "eu-west-1" or "eu"');
  }
  if (regions !== undefined && !regions.includes(region)) {
    throw new OptionError("region", `of ${title} must be ${regions.join(" or ")}`);
  }
  return regionalHostname.replace("{region}", region);
}

function row(name: ProviderName, title: string, hostname: string, port: number, details: Details = {}): Provider {
  const { aka, regional, regions, user, login, limits, quirks, source } = details;
  return Object.freeze({
    name,
    title,
    aliases: Object.freeze(aka?.split(" ") ?? []),
    hostname,
    regionalHostname: regional,
    regions: regions && Object.freeze(regions),
    port,
    tls: port === 465 ? "implicit" : port === DEVELOPMENT_PORT ? "none" : "starttls",
    username: user,
    login,
    limits,
    quirks,
    source: source && `https://${source}`,
  });
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\s+/g, "");
}
