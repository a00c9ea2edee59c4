/** Options that are languages of their own. */
import assert from "node:assert/strict";
import { SmtpError } from "../../../src/errors/errors.js";
import { connectionOptions } from "../../../src/options/connection-options.js";
import { checkCommand, checkParameters, encodeXtext } from "../../../src/wire/command.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { soupOf } from "../soup.js";

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof SmtpError, String(error));
    assert.ok(error.message.length < 2000, "a message is bounded");
    return undefined;
  }
}

function checkUrl(text: string): void {
  for (const option of ["url", "proxy"] as const) {
    const resolved = unlessRefused(() =>
      connectionOptions(option === "url" ? { url: text } : { proxy: text, hostname: "mx.example" }),
    );
    if (resolved === undefined || resolved.target.kind !== "tcp") continue;
    assert.match(resolved.target.hostname, /^[!-~]+$/);
    assert.doesNotMatch(JSON.stringify(resolved), /hunter2/, "a password does not print");
  }
}

function checkLines(text: string): void {
  const command = unlessRefused(() => checkCommand(text));
  if (command !== undefined) assert.doesNotMatch(command.line, /[\u0000-\u0008\u000a-\u001f\u007f]/);
  for (const parameter of unlessRefused(() => checkParameters([text], "mailOptions")) ?? []) {
    assert.doesNotMatch(parameter.text, /[\u0000-\u0020\u007f]/);
  }
  assert.match(unlessRefused(() => encodeXtext(text)) ?? "", /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/);
}

export const OPTION_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget(
    "URL",
    soupOf(
      [
        "smtp://",
        "smtps://",
        "lmtp://",
        "http://",
        "socks5://",
        "user",
        ":",
        "user:hunter2@",
        "@",
        "mx.example",
        "/",
        "?",
        "startTls=true",
        "&",
        "timeout=",
        "1",
        "%40",
        "%",
        "%0d%0a",
        "#",
        "[::1]",
        ":587",
      ],
      14,
    ),
    checkUrl,
  ),
  fuzzTarget(
    "commands and parameters",
    soupOf(["SIZE", "=", "1", " ", "XYZ", "+", "\r\n", "RCPT TO:<a@b>", "NOOP", "\u00e9", "-"], 10),
    checkLines,
  ),
];
