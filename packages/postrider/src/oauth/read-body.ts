/**
 * The body of an answer, up to a limit.
 *
 * Layer: oauth.
 */

/** SECURITY: no token answer is near this; an endless one must not fill our memory. */
const MAX_BODY_BYTES = 64 * 1024;

/** The body as UTF-8; undefined when there is more than any token answer has, the rest of which is left unread. */
export async function readBody(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > MAX_BODY_BYTES) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => undefined);
  return undefined;
}
