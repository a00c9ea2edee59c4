/**
 * Who writes to a journal: the claim that a run puts into it, and whether the run behind a claim still lives.
 *
 * A claim is only about how soon the next run may begin. That two runs never send the same row is decided by the order of the lines
 * in the file, see journal.ts.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../../cli-error.js";

/** A line of the journal: from here on this run writes. */
export interface Claim {
  readonly run: string;
  /** The run that it takes the journal from, because that one is dead or silent. */
  readonly after?: string | undefined;
  readonly process: ProcessName;
}

/** A process, so that another process can tell whether it still runs. */
export interface ProcessName {
  readonly host: string;
  /** Machine, its start, and the numbering of processes: where they are equal, a number means the same process. */
  readonly space: string;
  readonly pid: number;
  /** When the process began, in ticks of its machine; a number is given again after a while. */
  readonly began?: string | undefined;
}

/** The time of a journal: real, or that of a test. */
export interface JournalClock {
  pause(ms: number): Promise<unknown>;
  /** Repeats the action until the result is called. */
  every(ms: number, action: () => void): () => void;
}

export const REAL_CLOCK: JournalClock = {
  pause: (ms) => sleep(ms),
  every: (ms, action) => {
    const timer = setInterval(action, ms);
    // A run that has nothing else to do may end.
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** How often a run shows that it lives, by the time stamp of the journal. */
export const BEAT_MS = 1000;

/** A run that shows nothing for so many beats is taken for dead. */
const SILENT_BEATS = 10;

export function newClaim(after: string | undefined, process: ProcessName): Claim {
  return { run: randomUUID(), ...(after === undefined ? {} : { after }), process };
}

/** @returns undefined when it is no claim. */
export function readClaim(value: Readonly<Record<string, unknown>>): Claim | undefined {
  const { run, after, process } = value as { readonly [Key in keyof Claim]?: unknown };
  if (typeof run !== "string" || !(after === undefined || typeof after === "string")) return undefined;
  const { host, space, pid, began } = (process ?? {}) as { readonly [Key in keyof ProcessName]?: unknown };
  if (typeof host !== "string" || typeof space !== "string" || !Number.isSafeInteger(pid)) return undefined;
  return {
    run,
    after,
    process: { host, space, pid: Number(pid), began: typeof began === "string" ? began : undefined },
  };
}

/** This process. */
export function ownProcess(): ProcessName {
  return { host: hostname(), space: ownSpace(), pid: process.pid, began: statusOf("self")?.began };
}

/**
 * Whether the run of a claim has ended: at once where its process can be asked after, else after it was silent for some seconds.
 *
 * @param look something that changes while it lives, such as the time stamp of the journal.
 * @param onWait called before it waits.
 */
export async function hasEnded(
  claim: Claim,
  own: ProcessName,
  clock: JournalClock,
  look: () => Promise<string>,
  onWait: () => void,
): Promise<boolean> {
  const life = lifeOf(claim.process, own);
  if (life !== "unknown") return life === "ended";
  const first = await look();
  onWait();
  for (let beat = 0; beat < SILENT_BEATS; beat += 1) {
    await clock.pause(BEAT_MS);
    if ((await look()) !== first) return false;
  }
  return true;
}

/** Unknown across machines and containers, whose processes cannot be seen from here. */
function lifeOf({ space, pid, began }: ProcessName, own: ProcessName): "alive" | "ended" | "unknown" {
  if (space !== own.space) return "unknown";
  if (!isRunning(pid)) return "ended";
  if (began === undefined) return "unknown";
  const status = statusOf(pid);
  return status?.began === began && !status.isDead ? "alive" : "ended";
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/** Linux says when a process began, and whether it is dead and only not yet counted off (proc_pid_stat(5)). */
function statusOf(pid: number | "self"): { readonly began: string; readonly isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Its name stands in parentheses, and may hold any.
    const [state = "", ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { began: fields[18] ?? "", isDead: /[ZXx]/.test(state) };
  } catch {
    return undefined;
  }
}

/** Two containers have different ones, and so have a machine before and after its start. */
function ownSpace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    const cards = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ mac }) => mac));
    const text = JSON.stringify([hostname(), [...new Set(cards)].toSorted()]);
    return createHash("sha256").update(text).digest("hex").slice(0, 32);
  }
}

/** The line that gives a journal back. */
export function releaseLine({ run }: Claim): string {
  return JSON.stringify({ ended: run });
}

/** @returns the run that a line gives the journal back for; undefined when it is no such line. */
export function readRelease(value: Readonly<Record<string, unknown>>): string | undefined {
  return typeof value["ended"] === "string" ? value["ended"] : undefined;
}
