/**
 * Opens a page in the browser of the person at this machine. Whether that works is not known: the address is printed as well.
 */
import { spawn } from "node:child_process";

/** SECURITY: the address is one argument of a program, and never passes a shell. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...before: string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

export function openBrowser(url: string): void {
  const [program, ...before] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...before, url], { stdio: "ignore", detached: true });
  // No such program: the printed address remains.
  child.on("error", () => undefined);
  child.unref();
}
