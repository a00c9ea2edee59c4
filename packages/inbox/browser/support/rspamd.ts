/**
 * What answers as Rspamd does: each message is spam, for four reasons.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const VERDICT = {
  score: 9.5,
  required_score: 15,
  action: "add header",
  symbols: {
    FROM_HAS_DN: { score: 0, description: "From header has a display name" },
    R_DKIM_ALLOW: { score: -0.2, description: "DKIM verification succeed" },
    MISSING_MID: { score: 2.5, description: "Message id is missing" },
    PHISHING: { score: 7.2, description: "<b>Phished</b> URL" },
  },
};

export interface ScriptedRspamd extends AsyncDisposable {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: number;
  /** Nothing listens any more. */
  close(): void;
}

export async function scriptedRspamd(): Promise<ScriptedRspamd> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume().on("end", () => response.end(JSON.stringify(VERDICT)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}
