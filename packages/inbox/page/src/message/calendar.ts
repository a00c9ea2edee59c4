/**
 * What an invitation says, for people: the events of an iCalendar file.
 *
 * RFC 5545 §3.1 (lines), §3.3.5 (times), §3.6.1 (events); RFC 5546 §1.4 (methods).
 */

export interface CalendarEvent {
  /** `"REQUEST"`, `"CANCEL"`, `"REPLY"` or what the file says; empty without one. */
  readonly method: string;
  readonly summary: string;
  /** As one reads it, with its time zone; empty when there is none. */
  readonly start: string;
  readonly end: string;
  readonly location: string;
  readonly organizer: string;
  readonly attendees: readonly string[];
  /** The rule as it stands; empty when the event does not repeat. */
  readonly repeats: string;
  readonly cancelled: boolean;
}

interface Property {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly value: string;
}

const MAX_EVENTS = 20;
/** SECURITY: parameters are told apart by a look at all that is behind them. */
const MAX_HEAD = 2000;

export function readCalendar(text: string): readonly CalendarEvent[] {
  const properties = linesOf(text).map(readProperty);
  const method = properties.find(({ name }) => name === "METHOD")?.value.toUpperCase() ?? "";
  const events: CalendarEvent[] = [];
  let open: Property[] | undefined;
  // An alarm within an event has a summary and times of its own.
  let depth = 0;
  for (const property of properties) {
    const { name, value } = property;
    if (name === "BEGIN" && value.toUpperCase() === "VEVENT") [open, depth] = [[], 0];
    else if (name === "BEGIN") depth += 1;
    else if (name === "END" && value.toUpperCase() === "VEVENT" && open !== undefined) {
      if (events.length < MAX_EVENTS) events.push(eventOf(open, method));
      open = undefined;
    } else if (name === "END") depth -= 1;
    else if (depth === 0) open?.push(property);
  }
  return events;
}

function eventOf(properties: readonly Property[], method: string): CalendarEvent {
  const first = (name: string): Property | undefined => properties.find((property) => property.name === name);
  return {
    method,
    summary: unescaped(first("SUMMARY")?.value ?? ""),
    start: timeOf(first("DTSTART")),
    end: timeOf(first("DTEND")),
    location: unescaped(first("LOCATION")?.value ?? ""),
    organizer: personOf(first("ORGANIZER")),
    attendees: properties.filter(({ name }) => name === "ATTENDEE").map(personOf),
    repeats: first("RRULE")?.value ?? "",
    cancelled: method === "CANCEL" || first("STATUS")?.value.toUpperCase() === "CANCELLED",
  };
}

/** Folded lines are put together again. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/\r?\n[ \t]/g, "")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

function readProperty(line: string): Property {
  // A colon in a quoted parameter is no end of the name.
  const [, head = line, value = ""] = /^((?:"[^"]*"|[^":])*):(.*)$/s.exec(line) ?? [];
  const [name = "", ...rest] = head.slice(0, MAX_HEAD).split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/);
  const parameters = rest.map((parameter) => {
    const equals = parameter.indexOf("=");
    return [parameter.slice(0, equals).toUpperCase(), parameter.slice(equals + 1).replace(/^"|"$/g, "")] as const;
  });
  return { name: name.toUpperCase(), parameters: Object.fromEntries(parameters), value };
}

function timeOf(property: Property | undefined): string {
  if (property === undefined) return "";
  const { value, parameters } = property;
  const [, year, month, day, hour, minute, zulu] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{2}(Z?))?$/.exec(value) ?? [];
  if (year === undefined) return value;
  const weekday = new Date(`${year}-${month}-${day}T00:00:00Z`).toLocaleDateString("en", {
    weekday: "short",
    timeZone: "UTC",
  });
  const date = `${weekday} ${year}-${month}-${day}`;
  if (hour === undefined) return date;
  const zone = zulu === "Z" ? "UTC" : (parameters["TZID"] ?? "");
  return `${date} ${hour}:${minute}${zone === "" ? "" : ` ${zone}`}`;
}

function personOf(property: Property | undefined): string {
  if (property === undefined) return "";
  const address = property.value.replace(/^mailto:/i, "");
  const name = property.parameters["CN"];
  return name === undefined || name === address ? address : `${name} <${address}>`;
}

function unescaped(text: string): string {
  return text.replace(/\\([nN;,\\])/g, (_whole, character: string) => (/n/i.test(character) ? "\n" : character));
}
