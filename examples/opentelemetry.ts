/**
 * Connections, messages and commands as spans of OpenTelemetry. The library knows nothing of it: it tells what happens on
 * channels of node:diagnostics_channel, and this listens.
 */
import { tracingChannel } from "node:diagnostics_channel";
import { type Attributes, context, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { CommandContext, ConnectContext, SendContext } from "postrider";
import { send } from "postrider";

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
const tracer = provider.getTracer("postrider");

/** Addresses are attributes only where somebody says so. */
const SHOWS_SENDER = process.env.SPANS_SHOW_SENDER === "yes";

interface Shape<T> {
  readonly name: (event: T) => string;
  readonly atStart: (event: T) => Attributes;
  readonly atEnd: (event: T) => Attributes;
}

/** One span from `start` to `asyncEnd`, a child of the span in whose context it began. */
function toSpans<T extends Pick<ConnectContext, "hostname" | "port" | "error">>(
  channel: string,
  shape: Shape<T>,
): void {
  const open = new WeakMap<T, Span>();
  tracingChannel<unknown, T>(channel).subscribe({
    start: (event) => {
      const { hostname, port } = event;
      const server: Attributes = { "server.address": hostname, "server.port": port };
      const attributes = { ...server, ...shape.atStart(event) };
      open.set(event, tracer.startSpan(shape.name(event), { attributes }, context.active()));
    },
    error: (event) => {
      const message = event.error instanceof Error ? event.error.message : String(event.error);
      open.get(event)?.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    asyncEnd: (event) => open.get(event)?.setAttributes(shape.atEnd(event)).end(),
    end: () => undefined,
    asyncStart: () => undefined,
  });
}

toSpans<ConnectContext>("postrider:connect", {
  name: () => "smtp connect",
  atStart: () => ({}),
  atEnd: ({ isSecure }) => ({ "smtp.tls": isSecure }),
});
toSpans<SendContext>("postrider:send", {
  name: () => "smtp send",
  atStart: (event) => ({
    "smtp.recipients": event.recipientCount,
    "smtp.sender": SHOWS_SENDER ? event.envelope().sender : undefined,
  }),
  atEnd: ({ acceptedCount, refusedCount }) => ({ "smtp.accepted": acceptedCount, "smtp.refused": refusedCount }),
});
toSpans<CommandContext>("postrider:command", {
  name: ({ command }) => `smtp ${command}`,
  atStart: () => ({}),
  atEnd: ({ reply }) => ({ "smtp.reply.code": reply?.code }),
});

// A program has its own spans around these; with a context manager (sdk-trace-node) they become their parents.
const order = tracer.startSpan("confirm an order");
await context.with(trace.setSpan(context.active(), order), () =>
  send(
    { from: "ann@example.org", to: "bob@example.com", subject: "Your order", text: "Thank you." },
    { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" },
  ),
);
order.end();
