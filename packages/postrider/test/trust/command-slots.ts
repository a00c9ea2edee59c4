/**
 * Every string that a single command takes.
 */
import { inCommand, type Slots } from "./probe.js";

const FLAG = "a flag";
const SIGNAL = "an AbortSignal";
const ONLY_SIGNAL = "holds a signal only";
const LISTED = (where: string): string => `its members are listed under ${where}`;

const lookUp = { named: /address/ } as const;

export const COMMAND_SLOTS: Slots = {
  "AuthCredentials.username": [
    inCommand("ann", (client, text) => client.auth("PLAIN", { username: text, password: "secret" })),
  ],
  "AuthCredentials.password": [
    inCommand("secret", (client, text) => client.auth("PLAIN", { username: "ann", password: text })),
  ],
  "AuthCredentials.accessToken": [
    inCommand("ya29", (client, text) => client.auth("XOAUTH2", { username: "ann", accessToken: text })),
  ],
  "CommandOptions.signal": SIGNAL,
  "SmtpClient.constructor(options)": LISTED("ConnectionOptions"),
  "AttemptOptions.timeout": "a number",
  "AttemptOptions.signal": SIGNAL,
  "ConnectOptions.hello": FLAG,
  "SmtpClient.connect(options)": LISTED("ConnectOptions"),
  "SmtpClient.verify(options)": LISTED("AttemptOptions"),
  "SmtpClient.send(message)": LISTED("MessageFields and the rest of a message"),
  "SmtpClient.send(options)": LISTED("DeliveryOptions"),
  "SmtpClient.ehlo(name)": [inCommand("client.example", (client, text) => client.ehlo(text))],
  "SmtpClient.ehlo(options)": ONLY_SIGNAL,
  "SmtpClient.helo(name)": [inCommand("client.example", (client, text) => client.helo(text))],
  "SmtpClient.helo(options)": ONLY_SIGNAL,
  "SmtpClient.noop(options)": ONLY_SIGNAL,
  "SmtpClient.rset(options)": ONLY_SIGNAL,
  "SmtpClient.help(topic)": [inCommand("MAIL", (client, text) => client.help(text), { mayFail: ["reply"] })],
  "SmtpClient.help(options)": ONLY_SIGNAL,
  "SmtpClient.vrfy(address)": [inCommand("eve", (client, text) => client.vrfy(text), lookUp)],
  "SmtpClient.vrfy(options)": ONLY_SIGNAL,
  "SmtpClient.expn(list)": [inCommand("staff", (client, text) => client.expn(text), lookUp)],
  "SmtpClient.expn(options)": ONLY_SIGNAL,
  "SmtpClient.mail(sender)": [inCommand("eve@e.example", (client, text) => client.mail(text))],
  "SmtpClient.mail(parameters)": [
    inCommand("b", (client, text) => client.mail("eve@e.example", [`X-A=${text}`])),
    inCommand("X-A=b", (client, text) => client.mail("eve@e.example", [text]), { isVerbatim: true }),
  ],
  "SmtpClient.mail(options)": ONLY_SIGNAL,
  "SmtpClient.rcpt(recipient)": [
    inCommand("eve@e.example", async (client, text, recorder) => {
      await client.mail("");
      recorder.mark();
      await client.rcpt(text);
    }),
  ],
  "SmtpClient.rcpt(parameters)": [
    inCommand("b", async (client, text, recorder) => {
      await client.mail("");
      recorder.mark();
      await client.rcpt("eve@e.example", [`X-A=${text}`]);
    }),
  ],
  "SmtpClient.rcpt(options)": ONLY_SIGNAL,
  "SmtpClient.data(content)": [
    inCommand(
      "Subject: s\r\n\r\nt",
      async (client, text, recorder) => {
        await client.mail("");
        await client.rcpt("a@b.example");
        recorder.mark();
        await client.data(text);
      },
      { isRaw: true, named: /message|content/ },
    ),
  ],
  "SmtpClient.data(options)": ONLY_SIGNAL,
  "SmtpClient.startTls(tls)": LISTED("TlsOptions"),
  "SmtpClient.startTls(options)": ONLY_SIGNAL,
  "SmtpClient.login(username)": [inCommand("ann", (client, text) => client.login(text, "secret"))],
  "SmtpClient.login(password)": [inCommand("secret", (client, text) => client.login("ann", text))],
  "SmtpClient.login(options)": ONLY_SIGNAL,
  "SmtpClient.auth(mechanism)": [
    inCommand("PLAIN", (client, text) => client.auth(text, { username: "ann", password: "secret" }), {
      named: /mechanism|authMethods/,
    }),
  ],
  "SmtpClient.auth(credentials)": LISTED("AuthCredentials"),
  "SmtpClient.auth(options)": ONLY_SIGNAL,
  "SmtpClient.execute(command)": [
    inCommand("NOOP", (client, text) => client.execute(text), { isVerbatim: true }),
    inCommand("x", (client, text) => client.execute(`NOOP ${text}`)),
  ],
  "SmtpClient.execute(options)": ONLY_SIGNAL,
  "SmtpClient.quit(options)": ONLY_SIGNAL,
  "SmtpClient.supports(extension)": [
    inCommand("SIZE", async (client, text) => {
      client.supports(text);
    }),
  ],
};
