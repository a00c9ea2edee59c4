/**
 * DKIM signatures of a message, verified against given keys; no DNS is asked.
 *
 * RFC 6376 §6.1, RFC 8301 (no SHA-1), RFC 8463 (Ed25519).
 */
import { Buffer } from "node:buffer";
import { createHash, verify } from "node:crypto";
import { type Canonicalization, canonicalBody, canonicalField } from "./canonicalize.js";
import { readKeyRecord } from "./key-record.js";
import { parseTagList, unfolded } from "./tag-list.js";

export interface SignatureResult {
  readonly domain: string;
  readonly selector: string;
  /** `"no-key"`: everything but the key's word was there. */
  readonly status: "pass" | "fail" | "no-key";
  /** Why it does not hold; empty when it does. */
  readonly reason: string;
}

const REQUIRED = ["v", "a", "b", "bh", "d", "h", "s"];
const FORMS: readonly string[] = ["simple", "relaxed"];

interface Content {
  readonly fields: readonly string[];
  readonly body: string;
}

/**
 * @param recordOf the DNS record at a name, if it is known.
 * @param most signatures beyond this number are not looked at.
 */
export function verifySignatures(
  raw: Uint8Array,
  recordOf: (name: string) => string | undefined,
  most: number,
): readonly SignatureResult[] {
  const content = split(raw);
  return content.fields
    .filter((field) => nameOf(field) === "dkim-signature")
    .slice(0, most)
    .map((field) => verifySignature(field, content, recordOf));
}

function verifySignature(
  field: string,
  content: Content,
  recordOf: (name: string) => string | undefined,
): SignatureResult {
  const tags = parseTagList(field.slice(field.indexOf(":") + 1));
  const tag = (name: string): string => unfolded(tags?.get(name) ?? "");
  const whose = { domain: tag("d"), selector: tag("s") };
  const fail = (reason: string): SignatureResult => ({ ...whose, status: "fail", reason });

  if (tags === undefined) return fail("The tag list is malformed.");
  const missing = REQUIRED.filter((name) => tag(name) === "");
  if (missing.length > 0) return fail(`The tag ${missing.map((name) => `${name}=`).join(", ")} is missing.`);
  if (tag("v") !== "1") return fail("The version is not 1.");
  const algorithm = algorithmOf(tag("a"));
  if (algorithm === undefined)
    return fail(`The algorithm ${tag("a")} is not accepted; use rsa-sha256 or ed25519-sha256.`);
  const [headerForm = "simple", bodyForm = "simple"] = tag("c") === "" ? [] : tag("c").split("/");
  if (!isForm(headerForm) || !isForm(bodyForm)) return fail(`The canonicalization ${tag("c")} is unknown.`);
  const signed = tag("h").toLowerCase().split(":");
  if (!signed.includes("from")) return fail("The signature does not cover From.");
  const expires = Number(tag("x"));
  if (tags.has("x") && !(expires > Number(tag("t")))) return fail("It expires (x=) before it was made (t=).");
  if (!isWithin(tag("i"), whose.domain)) return fail("The identity (i=) is not of the domain (d=).");

  const body = canonicalBody(content.body, bodyForm);
  const length = tags.has("l") ? Number(tag("l")) : body.length;
  if (!(length <= body.length)) return fail("The body is shorter than what was signed (l=).");
  const bodyHash = createHash("sha256").update(body.slice(0, length), "latin1").digest("base64");
  if (bodyHash !== tag("bh")) return fail("The body was changed after it was signed (bh= does not match).");

  const record = recordOf(`${whose.selector}._domainkey.${whose.domain}`);
  if (record === undefined) return { ...whose, status: "no-key", reason: "The key is not known." };
  const key = readKeyRecord(record, algorithm);
  if (typeof key === "string") return fail(key);
  const data = Buffer.from(signedHeader(field, signed, content.fields, headerForm), "latin1");
  const signature = Buffer.from(tag("b"), "base64");
  const holds =
    algorithm === "rsa"
      ? verify("sha256", data, key, signature)
      : verify(undefined, createHash("sha256").update(data).digest(), key, signature);
  return holds
    ? { ...whose, status: "pass", reason: "" }
    : fail("The header was changed after it was signed, or the key is another one.");
}

/** The fields that are named, each name taking the lowest that is left (§5.4.2), and the signature without its own value. */
function signedHeader(
  signatureField: string,
  names: readonly string[],
  fields: readonly string[],
  form: Canonicalization,
): string {
  const left = new Map<string, string[]>();
  for (const field of fields) {
    if (field === signatureField) continue;
    const name = nameOf(field);
    const same = left.get(name);
    if (same === undefined) left.set(name, [field]);
    else same.push(field);
  }
  const chosen = names.flatMap((name) => left.get(name)?.pop() ?? []);
  const bare = signatureField.replace(/([:;]\s*b\s*=)[^;]*/, "$1");
  return [...chosen, bare].map((field) => canonicalField(field, form)).join("\r\n");
}

function split(raw: Uint8Array): Content {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
  const end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
  const header = end === -1 ? text : text.slice(0, end);
  return { fields: header.split(/\r\n(?![ \t])/), body: end === -1 ? "" : text.slice(end === 0 ? 2 : end + 4) };
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":")).trim().toLowerCase();
}

function algorithmOf(name: string): "rsa" | "ed25519" | undefined {
  if (name === "rsa-sha256") return "rsa";
  return name === "ed25519-sha256" ? "ed25519" : undefined;
}

function isForm(name: string): name is Canonicalization {
  return FORMS.includes(name);
}

function isWithin(identity: string, domain: string): boolean {
  if (identity === "") return true;
  const host = identity.slice(identity.lastIndexOf("@") + 1).toLowerCase();
  return host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`);
}
