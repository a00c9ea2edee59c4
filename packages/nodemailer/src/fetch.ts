/**
 * `lib/fetch`: a request whose answer is a stream, by the fetch of Node.
 *
 * Layer: nodemailer. RFC 9110.
 */
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { mailError } from "./errors.js";

export interface FetchOptions {
  method?: string | undefined;
  headers?: { [name: string]: string } | undefined;
  userAgent?: string | undefined;
  cookie?: string | string[] | false | undefined;
  body?: Readable | Buffer | { [field: string]: any } | string | false | undefined;
  contentType?: string | false | undefined;
  /** Milliseconds for the whole request; default 60 000. */
  timeout?: number | undefined;
  maxTime?: number | undefined;
  /** Bytes of the answer; more is an error. */
  maxBytes?: number | undefined;
  maxRedirects?: number | undefined;
  /** Whether an answer that is no success is one all the same. */
  allowErrorResponse?: boolean | undefined;
}

export interface FetchResponse extends PassThrough {
  statusCode?: number | undefined;
  headers?: { [name: string]: string } | undefined;
}

const DEFAULT_TIMEOUT = 60_000;

/** The body of the answer; `statusCode` and `headers` are there when it begins. An error is an EFETCH. */
export function nmfetch(url: string, options: FetchOptions = {}): FetchResponse {
  const response: FetchResponse = new PassThrough();
  run(url, options, response).catch((cause: unknown) => {
    const reason = typeof cause === "object" && cause !== null && "message" in cause ? cause.message : cause;
    response.destroy(mailError("EFETCH", `${String(url).slice(0, 200)}: ${String(reason)}`, { cause }));
  });
  return response;
}

async function run(url: string, options: FetchOptions, response: FetchResponse): Promise<void> {
  const answer = await fetch(url, requestOf(options));
  if (!answer.ok && options.allowErrorResponse !== true) {
    await answer.body?.cancel();
    throw new Error(`HTTP status ${answer.status}`);
  }
  response.statusCode = answer.status;
  response.headers = Object.fromEntries(answer.headers);
  response.emit("headers", response.headers);
  await pour(answer.body ?? [], response, options.maxBytes);
}

async function pour(
  body: ReadableStream<Uint8Array> | never[],
  response: FetchResponse,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  let total = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    if (total > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

function requestOf(options: FetchOptions): RequestInit {
  const { body, contentType, cookie, userAgent } = options;
  const headers = new Headers(options.headers);
  if (userAgent) headers.set("user-agent", userAgent);
  if (cookie) headers.set("cookie", [cookie].flat().join("; "));
  const isForm = typeof body === "object" && !Buffer.isBuffer(body) && typeof body["pipe"] !== "function";
  const sent = isForm ? new URLSearchParams(body as Record<string, string>).toString() : body || undefined;
  const type = contentType ?? (isForm ? "application/x-www-form-urlencoded" : undefined);
  if (sent !== undefined && type) headers.set("content-type", type);
  return {
    method: options.method?.toUpperCase() ?? (sent === undefined ? "GET" : "POST"),
    headers,
    signal: AbortSignal.timeout(options.maxTime ?? options.timeout ?? DEFAULT_TIMEOUT),
    ...(options.maxRedirects === 0 ? { redirect: "error" } : {}),
    ...(sent === undefined ? {} : { body: sent as never, duplex: "half" }),
  };
}
