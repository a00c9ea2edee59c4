/**
 * Every string of DKIM and OAuth 2.
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { DkimSigner, dkimDnsRecord, oauth2, send } from "../../src/index.js";
import { alone, BASE, type Details, LIMITS, never, type Probe, type Slots } from "./probe.js";

const FLAG = "a flag";
const NUMBER = "a number";
const FUNCTION = "a function";
const LISTED = (where: string): string => `its members are listed under ${where}`;

const key = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const SIGNER = { domain: "a.example", selector: "s1", privateKey: key } as const;

/** A signed message has one field more, and the same one for every value. */
const inSigner = (usual: string, options: (text: string) => object, details: Details = {}): Probe => ({
  usual,
  run: (text, recorder) =>
    send(BASE, { ...LIMITS, dkim: new DkimSigner({ ...SIGNER, ...options(text) }), socket: recorder.open }),
  ...details,
});

/** What a token endpoint is asked, as it would read it. */
const inOAuth = (
  usual: string,
  option: string,
  read: (request: RequestSeen) => unknown,
  further: object = {},
): Probe => ({
  usual,
  run: async (text) => {
    const seen: RequestSeen[] = [];
    const fetch = async (url: unknown, init: { headers: Record<string, string>; body: unknown }): Promise<Response> => {
      // The platform's own check of what may stand in a header.
      const headers = new Headers(init.headers);
      seen.push({ url: String(url), form: new URLSearchParams(String(init.body)), headers });
      return Response.json({ access_token: "t", token_type: "Bearer", expires_in: 3600 });
    };
    const given = {
      tokenUrl: "https://t.example/token",
      clientId: "id",
      clientSecret: "secret",
      refreshToken: "r",
      fetch,
      ...further,
      [option]: text,
    };
    await oauth2(given as unknown as Parameters<typeof oauth2>[0])();
    const [request] = seen;
    return request === undefined ? "nothing was asked" : read(request);
  },
});

interface RequestSeen {
  readonly url: string;
  readonly form: URLSearchParams;
  readonly headers: Headers;
}

export const HELPER_SLOTS: Slots = {
  "AccessTokenRequest.expired": FLAG,
  "DkimSignerOptions.domain": [inSigner("a.example", (text) => ({ domain: text }))],
  "DkimSignerOptions.selector": [inSigner("s1", (text) => ({ selector: text }))],
  "DkimSignerOptions.privateKey": never([inSigner("x", (text) => ({ privateKey: text }))]),
  "DkimSignerOptions.algorithm": [inSigner("ed25519-sha256", (text) => ({ algorithm: text }))],
  "DkimSignerOptions.canonicalization": [inSigner("relaxed/relaxed", (text) => ({ canonicalization: text }))],
  "DkimSignerOptions.headers": [
    inSigner("subject", (text) => ({ headers: ["from", text] })),
    inSigner("subject", (text) => ({ headers: text }), { isNever: true }),
  ],
  "DkimSignerOptions.skipHeaders": [
    inSigner("subject", (text) => ({ skipHeaders: [text] })),
    inSigner("subject", (text) => ({ skipHeaders: text }), { isNever: true }),
  ],
  "DkimSignerOptions.expires": never([inSigner("60", (text) => ({ expires: text }))]),
  "DkimSignerOptions.now": FUNCTION,
  "DkimSigner.constructor(options)": LISTED("DkimSignerOptions"),
  "DkimSigner.sign(message)": never([
    alone("x", (text) => new DkimSigner(SIGNER).sign(text as unknown as Uint8Array), { named: /message/ }),
  ]),
  "dkimDnsRecord.key": never([alone("x", (text) => dkimDnsRecord(text), { named: /key/ })]),
  "OAuth2Options.tokenUrl": [inOAuth("https://t.example/token", "tokenUrl", ({ url }) => new URL(url).protocol)].map(
    (probe) => ({ ...probe, means: (text) => (text.startsWith("http://127.0.0.1") ? "http:" : "https:") }),
  ),
  "OAuth2Options.clientId": [
    inOAuth("id", "clientId", ({ form }) => form.get("client_id")),
    inOAuth("id", "clientId", ({ headers }) => basicName(headers, 0), { clientAuthentication: "basic" }),
  ],
  "OAuth2Options.clientSecret": [
    inOAuth("secret", "clientSecret", ({ form }) => form.get("client_secret")),
    inOAuth("secret", "clientSecret", ({ headers }) => basicName(headers, 1), { clientAuthentication: "basic" }),
  ],
  "OAuth2Options.refreshToken": [inOAuth("r", "refreshToken", ({ form }) => form.get("refresh_token"))],
  "OAuth2Options.clientCredentials": FLAG,
  "OAuth2Options.scope": [inOAuth("mail send", "scope", ({ form }) => form.get("scope"))],
  "OAuth2Options.clientAuthentication": [inOAuth("body", "clientAuthentication", () => undefined)].map((probe) => ({
    ...probe,
    means: () => undefined,
  })),
  "OAuth2Options.timeout": NUMBER,
  "OAuth2Options.onRefreshToken": FUNCTION,
  "OAuth2Options.fetch": FUNCTION,
  "oauth2.options": LISTED("OAuth2Options"),
  "isSmtpError.error": "looked at, not used",
};

/** Basic, both halves form-encoded (RFC 6749 §2.3.1). */
function basicName(headers: Headers, half: 0 | 1): string {
  const [, encoded = ""] = (headers.get("authorization") ?? "").split(" ");
  const halves = Buffer.from(encoded, "base64").toString("latin1").split(":");
  return halves.length === 2 ? (new URLSearchParams(`x=${halves[half]}`).get("x") ?? "") : `${halves.length} halves`;
}
