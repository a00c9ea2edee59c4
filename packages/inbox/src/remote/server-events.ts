/**
 * Server-sent events from a body.
 *
 * HTML Standard §9.2 (event stream).
 */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Each event as it comes, until the body ends. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let name = "";
  let data: string[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
      else if (line === "" && data.length > 0) {
        yield { name, data: data.join("\n") };
        name = "";
        data = [];
      }
    }
  }
}
