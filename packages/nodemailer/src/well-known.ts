/**
 * Providers by name, for `service: "gmail"`: host, port, and TLS from the first byte or by STARTTLS, as their own pages say.
 *
 * Layer: nodemailer.
 */
import type { SmtpOptions } from "./types.js";

/** Names, the first one as people write it; in lower case and without white space they are what is looked for. */
type Row = readonly [names: string, host: string, port: number];

const ROWS: readonly Row[] = [
  ["1und1 ionos", "smtp.ionos.de", 465],
  ["126", "smtp.126.com", 465],
  ["163", "smtp.163.com", 465],
  ["Aliyun aliyun.com", "smtp.aliyun.com", 465],
  ["AliyunQiye", "smtp.qiye.aliyun.com", 465],
  ["AOL aol.com", "smtp.aol.com", 587],
  ["Aruba aruba.it", "smtps.aruba.it", 465],
  ["Bluewin bluewin.ch", "smtpauths.bluewin.ch", 465],
  ["Brevo SendinBlue", "smtp-relay.brevo.com", 587],
  ["Disroot disroot.org", "disroot.org", 587],
  ["ElasticEmail", "smtp.elasticemail.com", 465],
  ["Ethereal ethereal.email", "smtp.ethereal.email", 587],
  ["FastMail fastmail.com fastmail.fm", "smtp.fastmail.com", 465],
  ["ForwardEmail FE forwardemail.net", "smtp.forwardemail.net", 465],
  ["GandiMail Gandi", "mail.gandi.net", 587],
  ["Gmail GoogleMail gmail.com googlemail.com", "smtp.gmail.com", 465],
  ["GmailWorkspace GoogleWorkspaceMail", "smtp-relay.gmail.com", 465],
  ["GMX gmx.com gmx.net gmx.de", "mail.gmx.net", 587],
  ["Godaddy", "smtpout.secureserver.net", 465],
  ["Hotmail Outlook outlook.com hotmail.com", "smtp-mail.outlook.com", 587],
  ["iCloud Me Mac icloud.com me.com mac.com", "smtp.mail.me.com", 587],
  ["Infomaniak ik.me ikmail.com etik.com", "mail.infomaniak.com", 587],
  ["KolabNow Kolab kolabnow.com", "smtp.kolabnow.com", 465],
  ["Loopia", "mailcluster.loopia.se", 465],
  ["Mail.ru", "smtp.mail.ru", 465],
  ["Maildev", "localhost", 1025],
  ["MailerSend", "smtp.mailersend.net", 587],
  ["Mailgun", "smtp.mailgun.org", 465],
  ["Mailjet", "in-v3.mailjet.com", 587],
  ["Mailpit", "localhost", 1025],
  ["Mailtrap", "live.smtp.mailtrap.io", 587],
  ["Mandrill", "smtp.mandrillapp.com", 587],
  ["Naver", "smtp.naver.com", 587],
  ["One", "send.one.com", 465],
  ["Outlook365 Office365", "smtp.office365.com", 587],
  ["Postmark PostmarkApp", "smtp.postmarkapp.com", 587],
  ["Proton ProtonMail proton.me protonmail.com pm.me protonmail.ch", "smtp.protonmail.ch", 587],
  ["QQ qq.com", "smtp.qq.com", 465],
  ["QQex QQEnterprise exmail.qq.com", "smtp.exmail.qq.com", 465],
  ["Resend", "smtp.resend.com", 465],
  ["Runbox runbox.com", "smtp.runbox.com", 465],
  ["SendGrid", "smtp.sendgrid.net", 587],
  ["SendPulse", "smtp-pulse.com", 465],
  ["SES", "email-smtp.us-east-1.amazonaws.com", 465],
  ["Seznam seznam.cz email.cz post.cz", "smtp.seznam.cz", 465],
  ["SMTP2GO", "mail.smtp2go.com", 587],
  ["Sparkpost", "smtp.sparkpostmail.com", 587],
  ["Strato strato.de", "smtp.strato.de", 465],
  ["Yahoo yahoo.com", "smtp.mail.yahoo.com", 465],
  ["Yandex yandex.ru yandex.com", "smtp.yandex.ru", 465],
  ["Zoho zoho.com", "smtp.zoho.com", 465],
];

const SERVICES: ReadonlyMap<string, SmtpOptions> = new Map(
  ROWS.flatMap(([names, host, port]) => {
    const options: SmtpOptions = Object.freeze({ host, port, secure: port === 465 });
    return names.split(" ").map((name) => [keyOf(name), options] as const);
  }),
);

/** `SES-EU-WEST-1`: the region is part of the host. */
const SES = /^ses-([a-z]{2}(?:-gov)?-[a-z]+-\d)$/;

/** The server of a provider: by its name, or by an address or domain at it. False when it is none of the table. */
export function wellKnown(name: string): SmtpOptions | false {
  const key = keyOf(String(name));
  const region = SES.exec(key)?.[1];
  if (region !== undefined) return { host: `email-smtp.${region}.amazonaws.com`, port: 465, secure: true };
  const found = SERVICES.get(key) ?? SERVICES.get(key.slice(key.lastIndexOf("@") + 1));
  return found === undefined ? false : { ...found };
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\s+/g, "");
}
