/**
 * Are there DKIM signatures, and do they hold against the keys that were given?
 */
import type { ApiCheck } from "../../web/api-types.js";
import type { DkimKeys } from "../check.js";
import { verifySignatures } from "./verify.js";

/** SECURITY: each costs a hash over the whole message; a real one has one to three. */
const MAX_SIGNATURES = 5;

/** One finding for each signature, or one that says that there is none. */
export function checkSignatures(raw: Uint8Array, keys: DkimKeys): readonly ApiCheck[] {
  const results = verifySignatures(raw, (name) => recordOf(keys, name), MAX_SIGNATURES);
  if (results.length === 0) {
    const detail = "Gmail, Yahoo and Microsoft ask for a signature of the From domain from those who send much.";
    return [{ id: "dkim", level: "note", title: "No DKIM signature", detail }];
  }
  return results.map(({ domain, selector, status, reason }, index) => {
    const id = index === 0 ? "dkim" : `dkim-${index + 1}`;
    const whose = `DKIM signature of ${domain === "" ? "an unknown domain" : domain}`;
    if (status === "pass") return { id, level: "ok", title: `${whose} holds`, detail: `Selector ${selector}.` };
    if (status === "fail") return { id, level: "problem", title: `${whose} does not hold`, detail: reason };
    const detail = `No key was given for ${selector}._domainkey.${domain} (option dkimKeys), and no DNS is asked.`;
    return { id, level: "note", title: `${whose} was not verified`, detail };
  });
}

function recordOf(keys: DkimKeys, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(keys).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
