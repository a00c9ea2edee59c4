/**
 * EHLO, and HELO for servers that do not know it.
 *
 * Layer: connection. RFC 5321 §3.2 and §4.1.1.1; RFC 2033 §4.1 (LHLO).
 */
import { SmtpDisconnectedError, SmtpHelloError } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { isPositive } from "../session/transaction.js";

/**
 * Greets the server.
 *
 * @param execute sends one command and gives its reply, whatever its code.
 * @throws SmtpHelloError when neither is accepted.
 */
export async function sayHello(
  name: string,
  isLmtp: boolean,
  execute: (verb: string, line: string) => Promise<SmtpReply>,
): Promise<void> {
  const verb = isLmtp ? "LHLO" : "EHLO";
  const reply = await execute(verb, `${verb} ${name}`);
  if (isPositive(reply)) return;
  // 4yz asks to come again later: HELO would only hide that.
  if (isLmtp || reply.code < 500) throw new SmtpHelloError({ reply, command: verb });
  const second = await execute("HELO", `HELO ${name}`).catch((error: unknown) => {
    // A server that refuses EHLO and leaves has said why.
    throw error instanceof SmtpDisconnectedError ? new SmtpHelloError({ reply, command: verb, cause: error }) : error;
  });
  if (!isPositive(second)) throw new SmtpHelloError({ reply: second, command: "HELO" });
}
