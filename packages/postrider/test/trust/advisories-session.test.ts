/**
 * What broke other mail libraries in their sessions: TLS that was not, connections that were lent, state that leaked.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import {
  DkimSigner,
  OptionError,
  SmtpClient,
  SmtpNotSupportedError,
  SmtpPool,
  SmtpTlsError,
  send,
} from "../../src/index.js";
import { testCertificates } from "../support/certificates.js";
import { bytes } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects } from "../support/settle.js";
import { BASE, LIMITS } from "./probe.js";
import { describeContent, Recorder, RICH } from "./recorder.js";

const PATIENCE_MS = 10_000;
const ED25519 = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
const LOGIN = { username: "ann", password: "secret" } as const;

acceptance(
  "CVE-2026-41319, CVE-2026-55558: what comes behind the reply to STARTTLS closes the connection",
  async () => {
    const { ca, server: identity } = await testCertificates();
    const injected = bytes("220 ok\r\n250-x\r\n250 AUTH PLAIN\r\n");
    const script = { extensions: ["STARTTLS"], replies: { STARTTLS: injected } };
    await using server = await ScriptedServer.start(script, { tls: identity });
    const options = { hostname: "localhost", port: server.port, startTls: true, timeout: PATIENCE_MS, tls: { ca } };
    await rejects(send(BASE, { ...options, ...LOGIN }), SmtpTlsError);
    assert.ok(!server.verbs.includes("AUTH") && !server.verbs.includes("MAIL"));
  },
);

acceptance(
  "CVE-2016-0772, CVE-2021-22946: STARTTLS that is refused, or not offered, ends what requires it",
  async () => {
    const scripts = [
      { extensions: ["AUTH PLAIN"] },
      ...["454 later", "500 what"].map((reply) => ({
        extensions: ["STARTTLS", "AUTH PLAIN"],
        replies: { STARTTLS: reply },
      })),
    ];
    for (const script of scripts) {
      await using server = await ScriptedServer.start(script);
      await rejection(
        send(BASE, { hostname: "localhost", port: server.port, startTls: true, timeout: PATIENCE_MS, ...LOGIN }),
      );
      assert.ok(!server.verbs.includes("AUTH") && !server.verbs.includes("MAIL"), server.verbs.join());
    }
  },
);

acceptance("CVE-2026-4873: a pool lends no plain connection to a message that needs TLS", async () => {
  const recorder = new Recorder([...RICH, "REQUIRETLS"]);
  await using pool = new SmtpPool({ ...LIMITS, socket: recorder.open, maxConnections: 1 });
  await pool.send(BASE);
  const error = await rejects(pool.send(BASE, { requireTls: true }), SmtpNotSupportedError);
  assert.equal(error.outcome, "not-sent");
  assert.equal(recorder.lines.filter((line) => line.startsWith("MAIL")).length, 1);
});

acceptance("CVE-2026-46428: the name is checked on both ways into TLS", async () => {
  const { ca, wrongName } = await testCertificates();
  for (const implicitTls of [true, false]) {
    await using server = await ScriptedServer.start({ extensions: ["STARTTLS"] }, { tls: wrongName, implicitTls });
    const way = implicitTls ? { useTls: true } : { startTls: true };
    const options = { hostname: "localhost", port: server.port, timeout: PATIENCE_MS, tls: { ca }, ...way };
    const error = await rejects(send(BASE, options), SmtpTlsError);
    assert.match(error.message, /localhost/);
    assert.ok(!server.verbs.includes("MAIL"));
  }
});

acceptance("CVE-2026-27492: nothing of one send is in the next", async () => {
  const recorder = new Recorder(RICH);
  const client = new SmtpClient({ ...LIMITS, socket: recorder.open });
  await client.connect();
  await client.send(
    { ...BASE, cc: "cyd@c.example", bcc: "dan@d.example", attachments: [{ content: "secret", filename: "a.txt" }] },
    { mailOptions: ["X-A=b"], dsn: { envelopeId: "first" } },
  );
  await client.send(BASE);
  await client.quit();
  const [, second] = recorder.committed;
  assert.deepEqual(second?.recipients, ["RCPT TO:<bob@b.example>"]);
  assert.doesNotMatch(second?.mail ?? "", /X-A|ENVID/);
  assert.ok(!describeContent(second?.content ?? "").includes("cc"));
  assert.doesNotMatch(second?.content ?? "", /secret|a\.txt/);
});

acceptance("a signature that cannot be made fails the send", async () => {
  const der = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "der", type: "pkcs8" });
  // The form of a key, and numbers that are none.
  der.fill(0xaa, 60, 100);
  const signers = [
    new DkimSigner({ domain: "a.example", selector: "s", privateKey: der }),
    new DkimSigner({ domain: "a.example", selector: "s", privateKey: ED25519, expires: new Date(1000) }),
  ];
  const recorder = new Recorder(RICH);
  for (const dkim of signers) await rejects(send(BASE, { ...LIMITS, dkim, socket: recorder.open }), OptionError);
  assert.ok(!recorder.lines.some((line) => line.startsWith("MAIL")));
});

acceptance("an extension is a keyword, not a word somewhere in the reply to EHLO", async () => {
  await using server = await ScriptedServer.start({
    replies: { EHLO: "250 mx-pipelining.example.com AUTH PLAIN STARTTLS CHUNKING" },
  });
  await send(BASE, { hostname: "127.0.0.1", port: server.port, timeout: PATIENCE_MS });
  assert.deepEqual(server.verbs.slice(0, 4), ["EHLO", "MAIL", "RCPT", "DATA"]);
});
