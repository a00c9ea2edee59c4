/**
 * Which addresses the inbox requests links from: all but link-local ones, or public ones alone.
 *
 * RFC 6890 (special-purpose addresses), RFC 3927 and RFC 4291 §2.5.6 (link-local).
 */
import { BlockList, isIP } from "node:net";

type Range = readonly [address: string, prefix: number, family: "ipv4" | "ipv6"];

// SECURITY: cloud machines get their credentials from 169.254.169.254 and other addresses of this list.
const NEVER: readonly Range[] = [
  ["169.254.0.0", 16, "ipv4"],
  ["100.100.100.200", 32, "ipv4"],
  ["168.63.129.16", 32, "ipv4"],
  ["192.0.0.192", 32, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["fe80::", 10, "ipv6"],
  ["fd00:ec2::", 32, "ipv6"],
  ["64:ff9b::a9fe:0", 112, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

/** This machine and private networks; NAT64 and 6to4 too, because an IPv4 address is within theirs. */
const PRIVATE: readonly Range[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["::", 96, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fc00::", 7, "ipv6"],
];

/** Whether a request may go to an IP address. */
export type MayReach = (address: string) => boolean;

/** For an inbox that only its own machine reaches: whoever clicks can reach the same addresses with a browser. */
export const anyAddress: MayReach = allBut(NEVER);

/** For an inbox that others reach: its network is not theirs. */
export const publicAddress: MayReach = allBut([...NEVER, ...PRIVATE]);

function allBut(ranges: readonly Range[]): MayReach {
  const list = new BlockList();
  for (const [address, prefix, family] of ranges) list.addSubnet(address, prefix, family);
  // IPv4 addresses in the form of IPv6 (::ffff:10.0.0.1) are found by the ranges of IPv4.
  return (address) => {
    const family = isIP(address);
    return family !== 0 && !list.check(address, family === 4 ? "ipv4" : "ipv6");
  };
}
