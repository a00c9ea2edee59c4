/**
 * Providers by name, for `service: "gmail"`: the table of `postrider/providers` in nodemailer's words.
 *
 * Layer: nodemailer.
 */
import { type ProviderOptions, provider } from "postrider/providers";
import type { SmtpOptions } from "./types.js";

/** `SES-EU-WEST-1`: the region is part of the host. */
const SES = /^ses-([a-z]{2}(?:-gov)?-[a-z]+-\d)$/;
/** Where nodemailer looks for `service: "SES"`. */
const SES_REGION = "us-east-1";

/** The server of a provider: by its name, or by an address or domain at it. False when it is none of the table. */
export function wellKnown(name: string): SmtpOptions | false {
  const key = String(name).toLowerCase().replace(/\s+/g, "");
  const region = SES.exec(key)?.[1];
  if (region !== undefined) return lookUp("ses", { region });
  return key === "ses" ? lookUp(key, { region: SES_REGION }) : lookUp(key);
}

function lookUp(key: string, options?: ProviderOptions): SmtpOptions | false {
  try {
    const { hostname, port, useTls = false } = provider(key, options);
    return { host: hostname, port, secure: useTls };
  } catch {
    return false;
  }
}
