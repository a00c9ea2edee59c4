/**
 * What `postrider check` does.
 */
import { SmtpClient } from "postrider";
import { EXIT, type ExitCode } from "../exit-code.js";
import { resolveServer, type ServerOptions } from "../server/server-options.js";
import { print, printJson } from "../terminal/output.js";
import { traceToStderr } from "../terminal/trace.js";
import { formatReport } from "./format-report.js";
import { type Inspected, inspectServer } from "./inspect-server.js";

export interface CheckOptions extends ServerOptions {
  readonly json: boolean;
  readonly trace: boolean;
  readonly timeout: number | undefined;
}

export async function runCheck(server: string | undefined, options: CheckOptions): Promise<ExitCode> {
  const { connection } = await resolveServer(options, server);
  // SECURITY: the library's rules hold for the text as it was given, before it is taken apart here.
  new SmtpClient(connection);
  const { url: text, username, password, ...others } = connection;
  const url = new URL(text ?? "");
  const inspected: Inspected = {
    url: withoutCredentials(url),
    options: {
      ...others,
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.trace ? { trace: traceToStderr } : {}),
    },
    username: username ?? (url.username === "" ? undefined : decodeURIComponent(url.username)),
    password: password ?? (url.password === "" ? undefined : decodeURIComponent(url.password)),
  };
  const report = await inspectServer(inspected);
  if (options.json) printJson(report);
  else for (const line of formatReport(report)) print(line);
  if (report.tls?.problem !== undefined) return EXIT.unavailable;
  return report.login?.accepted === false ? EXIT.permission : EXIT.ok;
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}
