import assert from "node:assert/strict";
import { test } from "node:test";
import { handshakeError, isTlsFailure, lateTlsError, tlsError } from "../../src/transport/node/tls.js";
import { knownProblem } from "../../src/transport/node/tls-problems.js";

const peer = { hostname: "mail.example.com", port: 465 };
const failure = (message: string, facts: object = {}): Error => Object.assign(new Error(message), facts);

test("the reason is the code, and stands in the text", () => {
  const cause = failure("certificate has expired", { code: "CERT_HAS_EXPIRED" });
  const error = tlsError(peer, cause);
  assert.deepEqual([error.reason, error.phase, error.retry, error.cause], ["CERT_HAS_EXPIRED", "tls", "never", cause]);
  assert.match(error.message, /^TLS with mail\.example\.com:465 failed: .*expired \(CERT_HAS_EXPIRED\)\. /);
});

test("a reason that is not in the table keeps OpenSSL's words, with controls escaped", () => {
  const error = tlsError(peer, failure("odd\u001b[2J", { code: "ERR_SSL_ODD" }));
  assert.equal(error.reason, "ERR_SSL_ODD");
  assert.match(error.message, /odd\\x1b\[2J \(ERR_SSL_ODD\)$/);
});

test("weak keys have a name although Node gives none", () => {
  assert.equal(
    tlsError(peer, failure("EE certificate key too weak", { code: "UNSPECIFIED" })).reason,
    "EE_KEY_TOO_SMALL",
  );
  assert.equal(
    tlsError(peer, failure("CA signature digest algorithm too weak", { code: "UNSPECIFIED" })).reason,
    "CA_MD_TOO_WEAK",
  );
});

test("a failure inside a write tells OpenSSL's reason", () => {
  const message =
    "write EPROTO C0A:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record.c:354:\n";
  const error = handshakeError(peer, failure(message, { code: "EPROTO", syscall: "write" }), { way: "implicit" });
  assert.equal((error as { reason?: string }).reason, "ERR_SSL_WRONG_VERSION_NUMBER");
  assert.match(error.message, /does not speak TLS on this port.*useTls: false/);
});

test("alerts have one name in all versions of OpenSSL", () => {
  const error = tlsError(peer, failure("x", { code: "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE" }));
  assert.equal(error.reason, "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE");
});

test("a broken connection is not the fault of TLS", () => {
  const broken = [
    failure("read ECONNRESET", { code: "ECONNRESET", syscall: "read" }),
    failure("disconnected before secure TLS connection was established", { code: "ECONNRESET" }),
    failure("write EPIPE", { code: "EPIPE", syscall: "write" }),
    failure("read ETIMEDOUT", { code: "ETIMEDOUT", syscall: "read" }),
  ];
  for (const cause of broken) {
    assert.equal(isTlsFailure(cause), false);
    const error = handshakeError(peer, cause, { way: "starttls" });
    assert.deepEqual(
      [error.name, error.phase, error.retry, error.cause],
      ["SmtpDisconnectedError", "tls", "reconnect", cause],
    );
  }
  assert.equal(handshakeError(peer, undefined, {}).name, "SmtpDisconnectedError");
});

test("names in a certificate are shown, escaped and bounded", () => {
  const cert = { subjectaltname: `DNS:\u001bevil, ${"DNS:a.example.com, ".repeat(1000)}` };
  const error = tlsError(peer, failure("x", { code: "ERR_TLS_CERT_ALTNAME_INVALID", cert }), {
    name: "mail.example.com",
  });
  assert.match(error.message, /not for mail\.example\.com; it is for DNS:\\x1bevil/);
  assert.ok(error.message.length < 700);
});

test("where one code stands for expired and for unknown, the words name both", () => {
  const code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
  assert.match(
    JSON.stringify(knownProblem(code, true)),
    /has expired.*not valid yet.*an unknown authority.*Deno.*tls\.ca/,
  );
  assert.doesNotMatch(JSON.stringify(knownProblem(code, false)), /expired/);
  assert.deepEqual(knownProblem("CERT_HAS_EXPIRED", true), knownProblem("CERT_HAS_EXPIRED", false));
});

test("BoringSSL's alert for a missing client certificate says the same as OpenSSL's", () => {
  const [openssl, boringssl] = ["TLSV13", "TLSV1"].map((version) =>
    lateTlsError(peer, failure("x", { code: `ERR_SSL_${version}_ALERT_CERTIFICATE_REQUIRED` })),
  );
  assert.equal(boringssl?.retry, "never");
  assert.equal(boringssl?.message.replace("TLSV1_", "TLSV13_"), openssl?.message);
});

test("without a common protocol of ALPN the option is named, and not what OpenSSL's source calls it", () => {
  const code = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";
  const error = tlsError(peer, failure("80DC:error:0A000460:SSL routines:ssl3_read_bytes", { code }));
  assert.match(error.message, /has no protocol of tls\.ALPNProtocols/);
  assert.doesNotMatch(error.message, /ssl3_read_bytes/);
});
