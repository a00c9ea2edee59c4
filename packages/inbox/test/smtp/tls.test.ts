import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { before, test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import { makeSelfSigned } from "../../src/smtp/self-signed.js";
import { Dialogue, gone } from "../support/dialogue.js";

const OFF = { smtpPort: 0, webPort: false } as const;
let pair: { key: string; cert: string };

before(async () => {
  pair = await makeSelfSigned();
});

test("TLS from the first byte: messages are secure, STARTTLS is not offered", async () => {
  await using inbox = await startInbox({ ...OFF, tls: { ...pair, mode: "implicit" } });
  const client = await Dialogue.openTls(inbox.smtpPort, pair.cert);
  assert.doesNotMatch(await client.say("EHLO me"), /STARTTLS/);
  await client.deliver("Subject: sealed\n\n");
  assert.equal(inbox.messages[0]?.secure, true);
  client.destroy();
});

test("STARTTLS: offered, taken, not offered again; mail before it is not secure", async () => {
  await using inbox = await startInbox({ ...OFF, tls: { ...pair, mode: "starttls" }, auth: "any" });
  const client = await Dialogue.open(inbox.smtpPort);
  assert.match(await client.say("EHLO me"), /STARTTLS/);
  await client.deliver("Subject: open\n\n");
  assert.match(await client.startTls(pair.cert), /^220 /);
  assert.doesNotMatch(await client.say("EHLO me"), /STARTTLS/);
  await client.deliver("Subject: sealed\n\n");
  assert.deepEqual(
    inbox.messages.map(({ subject, secure }) => [subject, secure]),
    [
      ["open", false],
      ["sealed", true],
    ],
  );
  client.destroy();
});

test("a client that speaks plain text to a TLS port, or breaks its handshake, harms nobody", async () => {
  await using inbox = await startInbox({ ...OFF, tls: { ...pair, mode: "implicit" } });
  const plain = connect(inbox.smtpPort, "127.0.0.1");
  plain.on("error", () => {});
  plain.write("EHLO me\r\n");
  plain.resume();
  await gone(plain);
  const client = await Dialogue.openTls(inbox.smtpPort, pair.cert);
  assert.match(await client.say("EHLO me"), /^250-/);
  client.destroy();
});

test("close ends a TLS connection that was accepted but a moment ago", async () => {
  const inbox = await startInbox({ ...OFF, tls: { ...pair, mode: "implicit" } });
  const sockets = Array.from({ length: 5 }, () => connect(inbox.smtpPort, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => {});
  await new Promise((resolve) => sockets[0]?.once("connect", resolve));
  await Promise.all([inbox.close(), ...sockets.map(gone)]);
});

test("a client that resets its connection before the handshake harms nobody", async () => {
  await using inbox = await startInbox({ ...OFF, tls: { ...pair, mode: "implicit" } });
  for (let i = 0; i < 20; i += 1) {
    const socket = connect(inbox.smtpPort, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.resetAndDestroy();
  }
  const client = await Dialogue.openTls(inbox.smtpPort, pair.cert);
  assert.match(await client.say("EHLO me"), /^250-/);
  client.destroy();
});

for (const mode of ["implicit", "starttls"] as const) {
  test(`close ends a connection in the middle of its handshake (${mode})`, async () => {
    const inbox = await startInbox({ ...OFF, tls: { ...pair, mode } });
    const socket = connect(inbox.smtpPort, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    if (mode === "starttls") {
      socket.write("EHLO me\r\nSTARTTLS\r\n");
      for await (const chunk of socket.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes("Ready to start TLS")) break;
    }
    socket.resume();
    // The first bytes of a ClientHello that never ends.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    // By the time another client has had its answer, the inbox has read those bytes.
    const other =
      mode === "implicit" ? await Dialogue.openTls(inbox.smtpPort, pair.cert) : await Dialogue.open(inbox.smtpPort);
    await Promise.all([inbox.close(), gone(socket), other.closed()]);
  });

  test(`close ends established TLS connections (${mode})`, async () => {
    const inbox = await startInbox({ ...OFF, tls: { ...pair, mode } });
    const client =
      mode === "implicit" ? await Dialogue.openTls(inbox.smtpPort, pair.cert) : await Dialogue.open(inbox.smtpPort);
    if (mode === "starttls") {
      await client.say("EHLO me");
      await client.startTls(pair.cert);
    }
    assert.match(await client.say("EHLO me"), /^250-/);
    await Promise.all([inbox.close(), client.closed()]);
  });
}

test("a certificate is made for the asking: it is trusted by name and by address, and new each time", async () => {
  const certificates = new Set<string | undefined>();
  for (const mode of ["starttls", "implicit"] as const) {
    await using inbox = await startInbox({ smtpPort: 0, webPort: false, tls: mode });
    const ca = inbox.certificate ?? "";
    certificates.add(ca);
    const { subjectAltName, validTo } = new X509Certificate(ca);
    assert.match(subjectAltName ?? "", /DNS:localhost, IP Address:127\.0\.0\.1, IP Address:(?:0:0:0:0:0:0:0:1|::1)/);
    assert.ok(new Date(validTo) > new Date());
    const client =
      mode === "implicit" ? await Dialogue.openTls(inbox.smtpPort, ca) : await Dialogue.open(inbox.smtpPort);
    await client.say("EHLO me");
    if (mode === "starttls") {
      await client.startTls(ca);
      await client.say("EHLO me");
    }
    await client.deliver("Subject: secret\n\n");
    assert.equal(inbox.messages[0]?.secure, true);
    client.destroy();
  }
  assert.equal(certificates.size, 2);
});

test("without TLS there is no certificate", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  assert.equal(inbox.certificate, undefined);
});
