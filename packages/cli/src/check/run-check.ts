/**
 * What `postrider check` does.
 */
import { type ConnectionOptions, SmtpClient } from "postrider";
import { EXIT, type ExitCode } from "../exit-code.js";
import { passwordOf, userOf } from "../server/credentials.js";
import { resolveServer, type ServerOptions, withoutCredentials } from "../server/server-options.js";
import { print, printJson } from "../terminal/output.js";
import { Status } from "../terminal/status.js";
import { traceToStderr } from "../terminal/trace.js";
import { formatReport } from "./format-report.js";
import { type Inspected, inspectServer } from "./inspect-server.js";
import type { ServerReport } from "./server-report.js";

export interface CheckOptions extends ServerOptions {
  readonly json: boolean;
  readonly trace: boolean;
}

export async function runCheck(server: string | undefined, options: CheckOptions): Promise<ExitCode> {
  const { connection } = await resolveServer(options, server);
  // SECURITY: the library's rules hold for the text as it was given, before it is taken apart here.
  new SmtpClient(connection);
  const status = new Status();
  try {
    const inspected = {
      ...takeApart(connection, options),
      onStep: (text: string) => options.trace || status.show(text),
    };
    const report = await inspectServer(inspected);
    status.end();
    if (options.json) printJson(report);
    else for (const line of formatReport(report)) print(line);
    return exitCodeOf(report, options);
  } finally {
    status.end();
  }
}

function exitCodeOf(report: ServerReport, { insecure, starttls }: CheckOptions): ExitCode {
  if (report.tls?.problem !== undefined && insecure !== true) return EXIT.unavailable;
  if (report.tls === undefined && starttls === true) return EXIT.unavailable;
  if (report.login?.accepted !== false) return EXIT.ok;
  return report.login.mayWorkLater === true ? EXIT.tryAgain : EXIT.permission;
}

/** Who logs in, apart from where: the first look at a server is without credentials. */
function takeApart(connection: ConnectionOptions, { trace, insecure }: CheckOptions): Omit<Inspected, "onStep"> {
  const { url: text, username, password, accessToken, authMethods, tls, ...others } = connection;
  const { rejectUnauthorized: _trusting, ...checking } = tls ?? {};
  const url = new URL(text ?? "");
  return {
    url: withoutCredentials(url),
    options: {
      ...others,
      ...(Object.keys(checking).length === 0 ? {} : { tls: checking }),
      ...(trace ? { trace: traceToStderr } : {}),
    },
    login: {
      username: username ?? userOf(url),
      password: password ?? passwordOf(url),
      accessToken,
      authMethods,
      isTrusting: insecure === true,
    },
  };
}
