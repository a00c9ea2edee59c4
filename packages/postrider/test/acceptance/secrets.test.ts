/**
 * Secrets: over every mechanism and every way in which a login can fail, no trace, error, printed client or JSON shows a
 * secret, its base64, or what was derived from it. The servers here quote all that they were told.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type ConnectionOptions, SmtpClient, type TraceEvent } from "../../src/index.js";
import { base64 } from "../support/auth-script.js";
import { plain } from "../support/plain-client.js";
import { type Answer, ask, close, mute, reset, type Script } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection } from "../support/settle.js";

const USERNAME = "tim@example.org";
const SECRET = "tanstaaf-s3cret-of-tim";

const PASSWORD_MECHANISMS = ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"];
const TOKEN_MECHANISMS = ["OAUTHBEARER", "XOAUTH2"];

/** What the client said in this AUTH, line by line. */
interface Heard {
  readonly lines: readonly string[];
  /** All of it, and what it means. */
  readonly quoted: string;
}

type Failure = (heard: Heard) => Answer;

const FAILURES: Readonly<Record<string, Failure>> = {
  "535 that quotes": ({ quoted }) => `535 5.7.8 you said ${quoted}`,
  "535 on many lines": ({ lines, quoted }) => [...lines.map((line) => `535-${line}`), `535 5.7.8 ${quoted}`],
  "454 that quotes": ({ quoted }) => `454 4.7.0 later, ${quoted}`,
  "421 that quotes": ({ quoted }) => `421 4.3.0 leaving you with ${quoted}`,
  "504, and no other mechanism": ({ quoted }) => `504 5.5.4 what is ${quoted}`,
  "a challenge that is no base64": ({ quoted }) => ask(`334 !${quoted}`, () => `501 5.5.2 ${quoted}`),
  "a challenge that quotes": ({ quoted }) => ask(`334 ${base64(quoted)}`, () => `535 5.7.8 ${quoted}`),
  "an error of OAuth": ({ quoted }) =>
    ask(`334 ${base64(JSON.stringify({ status: "401", scope: quoted }))}`, () => `535 5.7.8 ${quoted}`),
  "235 without proof, then 421": ({ quoted }) => `235 2.7.0 welcome ${quoted}`,
  "no SMTP": ({ quoted }) => `what is ${quoted}`,
  "another code half way": ({ quoted }) => [`535-${quoted}`, `550 ${quoted}`],
  "a closed connection": () => close,
  "a reset": () => reset,
  silence: () => mute,
};

/** A server that asks what the mechanism asks, and fails after the last response. */
function failing(mechanism: string, fail: Failure): Script {
  return {
    extensions: [`AUTH ${mechanism}`],
    replies: {
      AUTH: ({ argument }) => {
        const lines = [argument];
        const [, initial] = argument.split(" ");
        const failed = (): Answer => fail({ lines, quoted: quote(lines) });
        const then = (challenge: string, next: () => Answer): Answer =>
          ask(`334 ${challenge}`, (line) => {
            lines.push(line);
            return next();
          });
        if (mechanism.startsWith("SCRAM")) return then(serverFirst(initial ?? ""), failed);
        if (mechanism === "CRAM-MD5") return then(base64("<1896.697170952@mx.example>"), failed);
        if (mechanism === "LOGIN") return then(base64("Username:"), () => then(base64("Password:"), failed));
        return failed();
      },
      "*": "500 5.5.2 what",
      NOOP: "421 4.3.0 leaving",
    },
  };
}

function serverFirst(initial: string): string {
  const nonce = /r=([^,]*)/.exec(Buffer.from(initial, "base64").toString())?.[1] ?? "";
  return base64(`r=${nonce}server,s=${base64("salt-of-the-server")},i=4096`);
}

/** The lines, and what is in them, decoded. */
function quote(lines: readonly string[]): string {
  const words = lines.flatMap((line) => line.split(" "));
  const decoded = words.map((word) => Buffer.from(word, "base64").toString("latin1"));
  return [...words, ...decoded, SECRET].join(" ").replaceAll(/[^ -~]/g, " ");
}

/** Whatever of the client's lines is more than a name. */
function derivedSecrets(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => line.startsWith("AUTH"));
  const words = lines.slice(start).flatMap((line) => line.split(" ").slice(line.startsWith("AUTH") ? 2 : 0));
  const responses = words.filter(
    (word) => word.length > 4 && word !== base64(USERNAME) && !["QUIT", "NOOP"].includes(word),
  );
  const parts = responses.flatMap((word) =>
    Buffer.from(word, "base64")
      .toString("latin1")
      .split(/[\u0000\u0001, ]/),
  );
  const proofs = parts.filter((part) => /^(?:p=|[0-9a-f]{32}$)/.test(part));
  return [SECRET, base64(SECRET), ...responses, ...proofs];
}

async function attempt(mechanism: string, fail: Failure): Promise<void> {
  await using server = await ScriptedServer.start(failing(mechanism, fail));
  const events: TraceEvent[] = [];
  const options: ConnectionOptions = {
    ...plain(server),
    username: USERNAME,
    ...(TOKEN_MECHANISMS.includes(mechanism) ? { accessToken: SECRET } : { password: SECRET }),
    // Only silence is waited for: on a busy machine another limit would end the login before a secret has left.
    ...(fail === FAILURES["silence"] ? { timeout: 500 } : {}),
    trace: (event) => events.push(event),
  };
  const client = new SmtpClient(options);
  const error = await rejection(client.connect().then(() => client.noop()));
  const shown = [
    error.message,
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 9, showHidden: true }),
    inspect(error.cause, { depth: 9, showHidden: true }),
    JSON.stringify(events),
    inspect(client, { depth: 9, showHidden: true }),
    JSON.stringify(client),
  ].join("\n");
  client.close();
  await server.allEnded();
  const secrets = derivedSecrets(server.lines);
  assert.ok(secrets.length > 2, "something secret went out");
  for (const secret of secrets) {
    const at = shown.indexOf(secret);
    assert.equal(at, -1, `${mechanism} shows ${secret}: ${shown.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

for (const mechanism of [...PASSWORD_MECHANISMS, ...TOKEN_MECHANISMS]) {
  for (const [name, fail] of Object.entries(FAILURES)) {
    acceptance(`no secret of ${mechanism} is shown after ${name}`, () => attempt(mechanism, fail));
  }
}
