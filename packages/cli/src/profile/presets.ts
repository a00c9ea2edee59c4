/**
 * Providers' servers as URLs of profiles, from the library's table.
 */
import { type Provider, provider, providers } from "postrider/providers";

/** The row of a provider, by its name or one of its other names. @throws OptionError with the nearest name */
export function presetOf(name: string): Provider {
  const wanted = name.toLowerCase();
  const row = providers.find((one) => one.name === wanted || one.aliases.includes(wanted));
  if (row === undefined) provider(name as Provider["name"]);
  return row as Provider;
}

/** `smtps://smtp.gmail.com:465`; STARTTLS is required where the provider has it. @throws OptionError */
export function presetUrl(name: string, region?: string): string {
  const { hostname, port, useTls, startTls } = provider(name as Provider["name"], { region });
  if (useTls === true) return `smtps://${hostname}:${port}`;
  return `smtp://${hostname}:${port}${startTls === undefined ? "" : `?startTls=${startTls}`}`;
}
