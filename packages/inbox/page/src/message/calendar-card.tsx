/**
 * An invitation, drawn.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fetchText } from "../api.js";
import { type CalendarEvent, readCalendar } from "./calendar.js";

const METHODS: Readonly<Record<string, string>> = {
  REQUEST: "Invitation",
  CANCEL: "Cancellation",
  REPLY: "Reply to an invitation",
  PUBLISH: "Event",
};

export function CalendarCard({ url }: { readonly url: string }): JSX.Element {
  const [events, setEvents] = useState<readonly CalendarEvent[]>([]);
  useEffect(() => {
    fetchText(url).then(
      (text) => setEvents(readCalendar(text)),
      () => {},
    );
  }, [url]);
  return (
    <>
      {events.map((event, index) => (
        // The events of a file never change.
        <Event key={index} event={event} />
      ))}
    </>
  );
}

function Event({ event }: { readonly event: CalendarEvent }): JSX.Element {
  const { method, summary, start, end, location, organizer, attendees, repeats, cancelled } = event;
  const rows: readonly (readonly [label: string, value: string])[] = [
    ["When", timesOf(start, end)],
    ["Where", location],
    ["Organizer", organizer],
    ["Guests", attendees.join(", ")],
    ["Repeats", repeats],
  ];
  return (
    <section class={`calendar ${cancelled ? "cancelled" : ""}`} aria-label={METHODS[method] ?? "Event"}>
      <span class="tag">{METHODS[method] ?? "Event"}</span>
      <h2>{summary === "" ? "(no title)" : summary}</h2>
      <dl class="facts">
        {rows
          .filter(([, value]) => value !== "")
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

/** On one day in one zone, both are said once. */
function timesOf(start: string, end: string): string {
  if (end === "") return start;
  const [from, to] = [start.split(" "), end.split(" ")];
  const [weekday, day, clock, zone = ""] = from;
  if (to[1] !== day || to[3] !== from[3] || clock === undefined) return `${start} to ${end}`;
  return `${weekday} ${day} ${clock} to ${to[2]} ${zone}`.trim();
}
