/**
 * How values read.
 */

interface Person {
  readonly name: string;
  readonly address: string;
}

export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Time of this machine: the clock for today, else the day. */
export function formatTime(date: Date, now: Date): string {
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return date.toDateString() === now.toDateString() ? `${clock}:${pad(date.getSeconds())}` : formatDay(date);
}

/** Day and clock, to the second. */
export function formatFullTime(date: Date): string {
  return `${formatDay(date)} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function formatCount(count: number, noun: string, nouns: string = `${noun}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : nouns}`;
}

/** The name of a mailbox, or what stands for it. */
export function shortName(person: Person | undefined): string {
  return person === undefined || person.name === "" ? (person?.address ?? "") : person.name;
}

function formatDay(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
