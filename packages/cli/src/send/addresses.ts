/**
 * Addresses of the command line for the envelope: without names.
 */
import { parseAddressList } from "postrider";
import { usageError } from "../cli-error.js";

/** The addresses of a list, those of its groups too. @throws AddressError */
export function addressesIn(text: string, field: string): string[] {
  return parseAddressList(text, field).flatMap((one) =>
    ("members" in one ? one.members : [one]).map(({ address }) => address),
  );
}

/** @throws AddressError, CliError */
export function onlyAddress(text: string): string {
  const [address, ...others] = addressesIn(text, "from");
  if (address === undefined || others.length > 0) throw usageError("--from must be one address");
  return address;
}
