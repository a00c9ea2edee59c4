/**
 * A name inside a message whose fields end with commas.
 *
 * Layer: protocol. RFC 5801 §4, RFC 5802 §5.1 (`saslname`).
 */

export function escapeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}
