/**
 * `--quit-after`: the dialogue up to a step, then QUIT. No message is sent; what the server says to each step is shown.
 */
import { type ConnectionOptions, SmtpClient, SmtpRecipientRefusedError, type SmtpReply } from "postrider";
import { usageError } from "../cli-error.js";
import { wordsOf } from "../error-words.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { exitCodeAfter } from "../failure.js";
import { resolveServer } from "../server/server-options.js";
import { note, paint, print, printJson } from "../terminal/output.js";
import { traceToStderr } from "../terminal/trace.js";
import { addressesIn, onlyAddress } from "./addresses.js";
import { askAuthor, askRecipients } from "./compose.js";
import type { SendCommandOptions, Step } from "./send-options.js";

const LABEL_WIDTH = 10;

/** What was asked, and what the server said to it. */
interface Taken {
  readonly step: Step | "greeting";
  /** The sender, or a recipient. */
  readonly about?: string | undefined;
  readonly reply?: SmtpReply | undefined;
  readonly extensions?: Readonly<Record<string, string>> | undefined;
}

export async function rehearse(last: Step, options: SendCommandOptions): Promise<ExitCode> {
  if (options.raw !== undefined || options.recipientsFromHeaders || options.dryRun) {
    throw usageError("--quit-after cannot be combined with --raw, -t or --dry-run: it sends no message");
  }
  const { connection, from } = await resolveServer(options, undefined, { wantsLogin: last !== "ehlo" });
  if (last === "auth" && !logsIn(connection)) {
    throw usageError("--quit-after auth needs a user: --user, or a name in the URL");
  }
  const envelope = last === "mail" || last === "rcpt" ? await readEnvelope(last, options, from) : undefined;
  const client = new SmtpClient({ ...connection, ...(options.trace ? { trace: traceToStderr } : {}) });
  const taken: Taken[] = [];
  const tell = (one: Taken): void => {
    taken.push(one);
    if (!options.json) printTaken(one);
  };
  try {
    const refused = await walk(client, last, envelope, tell);
    await client.quit().catch(() => undefined);
    if (options.json) printJson({ steps: taken, refused: refused.map((one) => one.toJSON()) });
    for (const one of refused) note([paint("red", "refused"), `   ${wordsOf(one)}`]);
    if (refused.length === 0) return EXIT.ok;
    return exitCodeAfter(refused.every(({ retry }) => retry === "never") ? "never" : "later");
  } finally {
    client.close();
  }
}

function logsIn({ url, password, accessToken, authMethods }: ConnectionOptions): boolean {
  const isNamed = (password ?? accessToken ?? authMethods) !== undefined;
  return isNamed || new URL(url ?? "").password !== "";
}

interface Envelope {
  readonly sender: string;
  readonly recipients: readonly string[];
}

async function readEnvelope(last: Step, options: SendCommandOptions, from: string | undefined): Promise<Envelope> {
  const sender = options.sender ?? onlyAddress(await askAuthor(options.from ?? from));
  if (last === "mail") return { sender, recipients: [] };
  const { cc, bcc } = options;
  const given = { to: await askRecipients(options), cc, bcc };
  const recipients = Object.entries(given).flatMap(([field, texts]) =>
    texts.flatMap((text) => addressesIn(text, field)),
  );
  return { sender, recipients };
}

/** Resolves with the recipients that were refused. @throws SmtpError for every other refusal */
async function walk(
  client: SmtpClient,
  last: Step,
  envelope: Envelope | undefined,
  tell: (one: Taken) => void,
): Promise<SmtpRecipientRefusedError[]> {
  tell({ step: "greeting", reply: await client.connect() });
  // With STARTTLS or a login it has been said already.
  if (client.extensions.size === 0) await client.ehlo();
  tell({ step: "ehlo", extensions: Object.fromEntries(client.extensions) });
  if (last === "auth") tell({ step: "auth", about: "accepted" });
  if (envelope === undefined) return [];
  tell({ step: "mail", about: `<${envelope.sender}>`, reply: await client.mail(envelope.sender) });
  const refused: SmtpRecipientRefusedError[] = [];
  for (const recipient of envelope.recipients) {
    try {
      tell({ step: "rcpt", about: `<${recipient}>`, reply: await client.rcpt(recipient) });
    } catch (error) {
      if (!(error instanceof SmtpRecipientRefusedError)) throw error;
      refused.push(error);
    }
  }
  return refused;
}

function printTaken({ step, about, reply, extensions = {} }: Taken): void {
  const said = reply?.lines.map((line) => `${reply.code} ${line}`) ?? [];
  const offered = Object.entries(extensions).map(([name, value]) => (value === "" ? name : `${name} ${value}`));
  const [first = "", ...rest] = [...said, ...offered];
  const label = paint(step === "greeting" ? "dim" : "green", step.padEnd(LABEL_WIDTH));
  print([label, [about, first].filter((text) => text !== undefined && text !== "").join("  ")]);
  for (const line of rest) print(`${" ".repeat(LABEL_WIDTH)}${line}`);
}
