import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AddressError, OptionError, SmtpTlsError } from "postrider";
import { inFlags, wordsOf } from "../src/error-words.js";
import { testCertificate } from "./support/certificates.js";
import { postrider } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";

/** An option as a program sets it; as a part of a URL it is the command's word. */
const PROGRAM =
  /\btls\.\w+|\b(?:startTls|useTls|allowPlaintextAuth): (?:true|false)|\b(?:socketPath|hostname|username)\b|\b(?:startTls|useTls|allowPlaintextAuth|localAddress|localHostname)\b(?!=| in the server's URL)/;

const PHRASES: readonly (readonly [library: string, command: RegExp])[] = [
  [
    "the credentials were not sent. Set startTls: true or useTls: true; or allowPlaintextAuth: true to send them in clear text",
    /Set --starttls or --tls; or \?allowPlaintextAuth=true in the server's URL to/,
  ],
  [
    "If you trust this server, give the certificate of its authority in tls.ca",
    /give the certificate of its authority by --ca$/,
  ],
  [
    "Connect by a name that the certificate holds, or set tls.servername to it",
    /Connect by a name that the certificate holds$/,
  ],
  ["The pool was closed", /^stopped$/],
  ["The connection was closed by close()", /^stopped$/],
  ["Check the host and port in proxy, and that it runs", /^Check the name and port of --proxy, and that it runs$/],
  ["Set tls.cert and tls.key", /^Give a client certificate by --cert and --cert-key$/],
  [
    "Check tls.key, cert, pfx, passphrase, ca, crl, ciphers, sigalgs and ecdhCurve",
    /^Check the files of --cert-key, --cert and --ca$/,
  ],
  ["Check the spelling of hostname", /Check the spelling of the name in the server's URL/],
];

for (const [library, command] of PHRASES) {
  test(`in the command's words: ${library}`, () => {
    assert.match(inFlags(library), command);
    assert.doesNotMatch(inFlags(library), PROGRAM);
  });
}

test("no hint of a connection that the library has speaks of its options when the command says it", () => {
  const source = fileURLToPath(new URL("../../../postrider/src", import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const sentences = files.flatMap((file) => {
    const code = readFileSync(join(source, file), "utf8").replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
    return [...code.matchAll(/(?:hint:|\?|const [A-Z_]+ =)\s*"([^"\n]+ [^"\n]+)"/g)].map(([, text = ""]) => text);
  });
  const speaking = sentences.filter((text) => PROGRAM.test(text));
  assert.ok(speaking.length >= 10, `only ${speaking.length} were found`);
  for (const text of speaking) assert.doesNotMatch(inFlags(text), PROGRAM, text);
});

test("an option or a field is the flag that it came from", () => {
  for (const [error, words] of [
    [new OptionError("url", "must start with smtp://"), "the server's URL: must start with smtp://"],
    [new OptionError("tls.ca", "must be PEM"), "--ca: must be PEM"],
    [new OptionError("tls.key", "must be PEM"), "--cert-key: must be PEM"],
    [new OptionError("authMethods[0]", "is unknown"), "--auth: is unknown"],
    [
      new OptionError("startTls", "must not be true together with useTls: no"),
      "--starttls: cannot be combined with --tls: no",
    ],
    [new OptionError("username", "must not be empty"), "--user: must not be empty"],
    [new OptionError("privateKey", "must be PEM"), "--dkim-key: must be PEM"],
    [new AddressError("to[1]", "an address is missing"), "--to: an address is missing"],
    [new AddressError("replyTo", "an address is missing"), "--reply-to: an address is missing"],
    [new SmtpTlsError({ hostname: "h", port: 1 }, { problem: "no" }), "TLS with h:1 failed: no"],
    [new TypeError("startTls: kept"), "startTls: kept"],
  ] as const) {
    assert.equal(wordsOf(error), words);
  }
});

test("a certificate that is not trusted, and a server without TLS, are told in the words of the command, also as JSON", async (t) => {
  const mail = ["-f", "a@b.c", "--to", "b@b.c", "-S", "x", "--text", "x"];
  const { createServer } = await import("node:tls");
  const server = createServer(await testCertificate(30)).listen(0, "127.0.0.1");
  server.on("tlsClientError", () => undefined);
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const untrusted = await postrider(["send", "-s", `smtps://127.0.0.1:${port}`, ...mail, "--json"]);
  assert.match(untrusted.stderr, /give the certificate of its authority by --ca/);
  assert.match(JSON.parse(untrusted.stdout).error.message, /by --ca/);

  const plain = await ScriptedServer.start(t);
  const noTls = await postrider(["send", "-s", `${plain.url}?startTls=true`, ...mail]);
  assert.match(noTls.stderr, /set --tls in place of --starttls/);
});
