/**
 * A program as people have it, typed against nodemailer's declarations. types.test.ts compiles it with this package in nodemailer's place.
 */
import nodemailer, {
  createTransport,
  type SendMailOptions,
  type SentMessageInfo,
  type TestAccount,
  type Transporter,
  type TransportOptions,
} from "nodemailer";
import addressparser from "nodemailer/lib/addressparser";
import type DKIM from "nodemailer/lib/dkim";
import type JSONTransport from "nodemailer/lib/json-transport";
import MailComposer from "nodemailer/lib/mail-composer";
import type Mail from "nodemailer/lib/mailer";
import type { Address, Attachment, Options } from "nodemailer/lib/mailer";
import { detectMimeType, encodeWord } from "nodemailer/lib/mime-funcs";
import type SESTransport from "nodemailer/lib/ses-transport";
import { getLogger, resolveContent } from "nodemailer/lib/shared";
import type { AuthenticationType } from "nodemailer/lib/smtp-connection";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import SMTPPool from "nodemailer/lib/smtp-pool";
import SMTPTransport from "nodemailer/lib/smtp-transport";
import type StreamTransport from "nodemailer/lib/stream-transport";
import type XOAuth2 from "nodemailer/lib/xoauth2";

const options: SMTPTransport.Options = {
  host: "h",
  port: 587,
  secure: false,
  auth: { user: "u", pass: "p" },
  tls: { rejectUnauthorized: false },
};
const t: nodemailer.Transporter<SMTPTransport.SentMessageInfo> = nodemailer.createTransport(options);
const t2: Transporter = createTransport({ service: "gmail", auth: { user: "u", pass: "p" } });
const t3 = createTransport({ pool: true, host: "x", maxConnections: 3 });
const t4 = createTransport("smtp://x", { from: "a@b.c" });
const t5 = createTransport({ jsonTransport: true });
const t6 = createTransport({ streamTransport: true, buffer: true });
const t7: Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options> = t3;
const message: Mail.Options = {
  from: { name: "A", address: "a@b.c" },
  to: ["x@y.z", { name: "B", address: "b@c.d" }],
  subject: "s",
  html: "<p>",
  attachments: [{ filename: "a", content: Buffer.from("x") }, { path: "/x" }],
  headers: { "X-A": "b" },
  priority: "high",
};
const attachments: Mail.Attachment[] = [{ filename: "x", content: "y", cid: "z" }];
const named: readonly [Options, Attachment, Address] = [{}, {}, { address: "a" }];
const address: Mail.Address = { name: "n", address: "a" };
async function run(): Promise<void> {
  const info = await t.sendMail({ ...message, attachments });
  const accepted: (string | Mail.Address)[] = info.accepted;
  console.log(accepted, info.messageId, info.response, info.envelope.to);
  const info2: SentMessageInfo = await t2.sendMail(message as SendMailOptions);
  console.log(
    info2.anything,
    (await t6.sendMail({})).message,
    (await t5.sendMail({})).message.length,
    (await t3.sendMail({ to: "x" })).messageTime,
  );
  t.sendMail(message, (error, result) => {
    if (error) console.error(error.message);
    else console.log(result.response);
  });
  const ok: true = await t.verify();
  t.verify((error, success) => console.log(error, success, ok));
  t.use("compile", (mail, callback) => {
    mail.data.subject = "x";
    callback();
  });
  t.on("idle", () => {});
  t.close();
  new MailComposer(message).compile().build((error, buffer) => console.log(error, buffer.length));
  const account: TestAccount = await nodemailer.createTestAccount();
  const url: string | false = nodemailer.getTestMessageUrl(info);
  console.log(named, account.smtp.host, url, addressparser("x"), t4, t7, address);
  const transport: nodemailer.Transport = {
    name: "x",
    version: "1",
    send(mail, callback) {
      callback(null, { envelope: mail.message.getEnvelope(), messageId: mail.message.messageId() });
    },
  };
  createTransport(transport);
  const o: TransportOptions = {};
  console.log(o, new SMTPTransport(options).name, new SMTPPool({ pool: true, host: "x" }).isIdle());
}
void run;

const login: SMTPConnection.AuthenticationType = { user: "u", pass: "p" };
const byName: AuthenticationType = login;
const connection = new SMTPConnection({
  host: "h",
  customAuth: { X: async (context: SMTPConnection.CustomAuthenticationContext) => context.sendCommand("AUTH X") },
});
connection.connect(() => connection.login(byName, () => connection.quit()));
console.log(detectMimeType("a.pdf"), encodeWord("x"), getLogger({}).info, resolveContent);
const dkim: DKIM.Options = { domainName: "d", keySelector: "s", privateKey: "k" };
const oauth: XOAuth2.Options = { user: "u" };
console.log(dkim, oauth);

export type { JSONTransport, SESTransport, StreamTransport };
