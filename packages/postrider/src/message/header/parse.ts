export function parseHeaders(bytes: Uint8Array): [string, string][] {
  const text = Buffer.from(bytes).toString("utf8");
  return text
    .split("\r\n")
    .filter((line) => line.includes(":"))
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
}
