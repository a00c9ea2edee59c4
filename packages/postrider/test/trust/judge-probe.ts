/**
 * The judgement on one probe: what its usual value brings about is the measure for every other.
 */
import { isDeepStrictEqual } from "node:util";
import { type AnySmtpError, isSmtpError } from "../../src/index.js";
import type { Probe } from "./probe.js";
import { describeCommands, describeContent, Recorder, RICH, readBack } from "./recorder.js";
import type { Trick } from "./tricks.js";

interface Measure {
  readonly commands: readonly string[];
  readonly contents: readonly (readonly string[])[];
}

export interface Tried {
  readonly tried: number;
  readonly refused: number;
  readonly sent: number;
  readonly problems: readonly string[];
}

/** Of the processor, for one string, a megabyte among them: what is not linear takes minutes. */
const LONGEST_ATTEMPT_US = 4_000_000;
/** PERF: the other parser takes minutes for a name of a megabyte; ours are looked at all the same. */
const LONGEST_READ_BACK = 100_000;
const HEAVY_LENGTH = 1 << 16;

export async function tryProbe(
  field: string,
  probe: Probe,
  extensions: typeof RICH,
  tricks: readonly Trick[],
  huge: readonly Trick[],
): Promise<Tried> {
  const usual = await attempt(probe, probe.usual, extensions);
  const measure = measureOf(usual.recorder, probe);
  const problems: string[] = [];
  if (usual.error !== undefined && !mayRefuse(probe, extensions))
    problems.push(`what the field usually holds: ${String(usual.error.thrown)}`);
  const counts = { tried: 0, refused: 0, sent: 0 };
  const hugeForThis =
    probe.isHeavy === true ? huge.map(({ name, text }) => ({ name, text: text.slice(0, HEAVY_LENGTH) })) : huge;
  for (const { name, text } of [...tricks, ...hugeForThis]) {
    const started = process.cpuUsage();
    const tried = await attempt(probe, text, extensions);
    const { user, system } = process.cpuUsage(started);
    counts.tried++;
    if (tried.error === undefined) counts.sent++;
    else counts.refused++;
    const found = await judge(field, probe, text, tried, measure);
    if (user + system > LONGEST_ATTEMPT_US) found.push(`took ${Math.round((user + system) / 1000)} ms`);
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  return { ...counts, problems };
}

/** A probe that lets nothing through proves nothing, unless that is what it is about. */
function mayRefuse(probe: Probe, extensions: typeof RICH): boolean {
  return probe.isNever === true || probe.mayFail !== undefined || extensions !== RICH;
}

interface Attempt {
  readonly recorder: Recorder;
  readonly result: unknown;
  readonly error: { readonly thrown: unknown } | undefined;
}

async function attempt(probe: Probe, text: string, extensions: typeof RICH): Promise<Attempt> {
  const recorder = new Recorder(extensions);
  try {
    return { recorder, result: await probe.run(text, recorder), error: undefined };
  } catch (thrown) {
    return { recorder, result: undefined, error: { thrown } };
  }
}

function measureOf(recorder: Recorder, probe: Probe): Measure {
  return {
    commands: comparable(describeCommands(recorder.lines), probe),
    contents: probe.isRaw === true ? [] : recorder.committed.map(({ content }) => describeContent(content)),
  };
}

/** A list may name more than one mailbox; what the caller wrote as it stands may say anything, on one line. */
function comparable(commands: readonly string[], probe: Probe): readonly string[] {
  if (probe.isVerbatim === true)
    return commands.map((command) => (/ (?:FROM|TO)\b/.test(command) ? String(command.split(" ").length) : "one"));
  if (probe.isList !== true) return commands;
  return commands.filter((command, index) => !command.startsWith("RCPT TO") || command !== commands[index - 1]);
}

async function judge(field: string, probe: Probe, text: string, tried: Attempt, measure: Measure): Promise<string[]> {
  const { recorder, result, error } = tried;
  const problems = [...recorder.violations, ...judgeRefused(recorder)];
  if (error !== undefined) return [...problems, ...judgeError(field, probe, recorder, error.thrown)];
  const own = measureOf(recorder, probe);
  if (!isDeepStrictEqual(own.commands, measure.commands))
    problems.push(`commands ${differ(own.commands, measure.commands)}`);
  if (
    probe.namesField === true
      ? own.contents.flat().length !== measure.contents.flat().length
      : !isDeepStrictEqual(own.contents, measure.contents)
  )
    problems.push(`fields ${differ(own.contents.flat(), measure.contents.flat())}`);
  const means = probe.means ?? ((same: string) => same);
  const [committed] = recorder.committed;
  if (committed === undefined) {
    // What the call itself gave.
    const meant = means(text);
    const isAsked = probe.means !== undefined && probe.isRaw !== true;
    if (isAsked && meant !== undefined && result !== undefined && !isDeepStrictEqual(result, meant))
      problems.push(`gave ${show(result)}, not ${show(meant)}`);
    return problems;
  }
  const isOpenList = probe.isList === true && probe.isRaw !== true && probe.isHidden !== true;
  if ((probe.read === undefined && !isOpenList) || text.length > LONGEST_READ_BACK) return problems;
  const email = await readBack(committed);
  if (probe.read !== undefined) {
    const meant = means(text);
    const read = probe.read(email);
    // A decoder of UTF-8 takes a byte order mark at the start for none of the text.
    if (meant !== undefined && read !== meant && !text.startsWith("\ufeff"))
      problems.push(`reads back as ${show(read)}, not ${show(meant)}`);
  }
  if (isOpenList) problems.push(...judgeList(committed.recipients, email));
  return problems;
}

/** Whom the header names is whom the envelope names. */
function judgeList(recipients: readonly string[], email: Awaited<ReturnType<typeof readBack>>): string[] {
  const flat = [...(email.to ?? []), ...(email.cc ?? [])].flatMap((one) => one.group ?? [one]);
  const named = flat.map((one) => canonical(one.address ?? ""));
  const told = recipients.map((line) => canonical(/^RCPT TO:<(.*)>/.exec(line)?.[1] ?? ""));
  const missing = named.filter((one) => !told.includes(one));
  const hidden = told.filter((one) => !named.includes(one));
  return [
    ...missing.map((one) => `the header names ${show(one)}, the envelope ${show(told.join(" "))}`),
    ...hidden.map((one) => `the envelope names ${show(one)}, the header ${show(named.join(" "))}`),
  ];
}

/** The letter case of a domain, and quotes that readers drop, make no other mailbox. */
function canonical(address: string): string {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at).replace(/^"(.*)"$/s, (_, inner: string) => inner.replace(/\\(.)/gs, "$1"));
  return `${local}@${address.slice(at + 1).toLowerCase()}`;
}

function judgeRefused({ refused }: Recorder): string[] {
  // A record of TLS: a handshake (22), or an alert (21).
  return refused === "" || /^[\x15\x16]\x03/.test(refused) ? [] : [`told in clear text: ${show(refused)}`];
}

function judgeError(field: string, probe: Probe, recorder: Recorder, thrown: unknown): string[] {
  if (!isSmtpError(thrown)) return [`an error that is not ours: ${show(String(thrown))}`];
  const mayFail = probe.mayFail ?? [];
  if (probe.isLate === true && recorder.lines.every((line) => line.startsWith("EHLO "))) return [];
  if (thrown.phase !== "input") {
    const isRefusal =
      mayFail.includes(thrown.code) ||
      (thrown.code === "not-supported" && !recorder.lines.some((line) => /^(MAIL|RCPT|DATA|BDAT)/.test(line)));
    return isRefusal ? [] : [`${thrown.name} (${thrown.code}, ${thrown.phase}): ${thrown.message.slice(0, 200)}`];
  }
  const problems: string[] = [];
  if (recorder.taken > 0)
    problems.push(
      `${recorder.taken} bytes were written before ${thrown.name}: ${recorder.lines.join(" | ").slice(0, 200)}`,
    );
  const name = nameIn(thrown);
  const last = /(\w+)\)?$/.exec(field)?.[1] ?? "";
  const isNamed = probe.named?.test(name) ?? name.toLowerCase().includes(last.toLowerCase());
  if (!isNamed) problems.push(`the error names ${show(name)}`);
  if (thrown.message.length > 1000) problems.push(`the error has ${thrown.message.length} characters`);
  if (/[\x00-\x1f\x7f-\x9f]/.test(thrown.message))
    problems.push(`the error holds a control character: ${show(thrown.message)}`);
  return problems;
}

function nameIn(error: AnySmtpError): string {
  return "field" in error ? error.field : "option" in error ? error.option : "";
}

function differ(found: readonly string[], wanted: readonly string[]): string {
  const added = found.filter((one) => !wanted.includes(one));
  const lost = wanted.filter((one) => !found.includes(one));
  return `+ ${show(added.join(" | "))} - ${show(lost.join(" | "))} (${found.length} for ${wanted.length})`;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? String(value);
}
