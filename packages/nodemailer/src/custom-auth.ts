/**
 * `customAuth`: the program's own mechanisms of AUTH, as functions that send commands.
 *
 * Layer: nodemailer. RFC 4954.
 */

import type { Authenticate, LoginExchange, SmtpReply } from "postrider";
import { isPromise } from "./content.js";
import { mailError, responseText } from "./errors.js";
import type {
  AuthOptions,
  CustomAuthCallback,
  CustomAuthContext,
  CustomAuthHandler,
  CustomAuthResponse,
  SmtpOptions,
} from "./types.js";

/** The mechanisms that a login without a named one chooses from, the first that is offered. */
const UNNAMED = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"];

/** Undefined when the login is none of the program's own. It leaves a mechanism without a handler to Postrider. */
export function customLogin({ auth, authMethod, customAuth }: SmtpOptions): Authenticate | undefined {
  if (auth === undefined || auth === null || typeof auth !== "object") return undefined;
  const handlers = handlersOf(customAuth);
  const named = nameOf(auth.method || authMethod);
  if (handlers.size === 0 || (named !== "" && !handlers.has(named))) return undefined;
  return async (exchange) => {
    const method = named || (UNNAMED.find((name) => exchange.authMethods.includes(name)) ?? "PLAIN");
    const handler = handlers.get(method);
    return handler === undefined ? false : run(handler, method, auth, exchange);
  };
}

function handlersOf(customAuth: SmtpOptions["customAuth"]): Map<string, CustomAuthHandler> {
  const given = Object.entries(customAuth ?? {}).filter(([, handler]) => typeof handler === "function");
  return new Map(given.map(([name, handler]) => [nameOf(name), handler]));
}

function nameOf(method: unknown): string {
  return String(method || "")
    .trim()
    .toUpperCase();
}

/** Settles as the handler says: by its promise, or by `resolve` and `reject` of what it is handed. */
async function run(
  handler: CustomAuthHandler,
  method: string,
  auth: AuthOptions,
  exchange: LoginExchange,
): Promise<void> {
  let last: SmtpReply | undefined;
  const ask = async (command: string): Promise<CustomAuthResponse> => {
    last = await exchange.send(command);
    return responseOf(command, last);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const context: CustomAuthContext = {
        ...contextOf(method, auth, exchange),
        sendCommand: sender(ask),
        resolve: () => resolve(),
        reject: (reason) => reject(reason),
      };
      const returned = handler(context);
      if (isPromise(returned)) returned.then(() => resolve(), reject);
    });
  } catch (error) {
    throw refusal(method, error, last);
  }
}

function contextOf(method: string, auth: AuthOptions, { authMethods, extensions }: LoginExchange) {
  const { user, pass } = auth.user ? auth : { ...auth, ...auth.credentials };
  const credentials = { ...auth.credentials, user: user ?? "", pass: pass ?? "", options: auth.options };
  return {
    auth: { ...auth, user: user ?? "", credentials },
    method,
    extensions: [...extensions.keys()],
    authMethods: [...authMethods],
    maxAllowedSize: Number(extensions.get("SIZE")) || (false as const),
  };
}

/** A promise, or a call of the callback. */
function sender(ask: (command: string) => Promise<CustomAuthResponse>): CustomAuthContext["sendCommand"] {
  function sendCommand(command: string): Promise<CustomAuthResponse>;
  function sendCommand(command: string, done: CustomAuthCallback): void;
  function sendCommand(command: string, done?: CustomAuthCallback): Promise<CustomAuthResponse> | undefined {
    const asking = ask(command);
    if (done === undefined) return asking;
    asking.then(
      (response) => queueMicrotask(() => done(null, response)),
      (error: Error) => queueMicrotask(() => done(error, undefined as never)),
    );
    return undefined;
  }
  return sendCommand;
}

function responseOf(command: string, reply: SmtpReply): CustomAuthResponse {
  const { code: status, enhancedCode, message } = reply;
  const response = { command, response: responseText(reply), status };
  if (enhancedCode === undefined) return { ...response, text: message };
  return { ...response, code: enhancedCode, text: message.replace(enhancedCode, "").trimStart() };
}

function refusal(method: string, cause: unknown, last: SmtpReply | undefined): Error {
  const text = isError(cause) ? cause.message : String(cause);
  return mailError("EAUTH", text, {
    cause,
    command: `AUTH ${method}`,
    outcome: "not-sent",
    retry: "never",
    ...(last === undefined ? {} : { response: responseText(last), responseCode: last.code }),
  });
}

function isError(value: unknown): value is Error {
  return typeof value === "object" && value !== null && "message" in value;
}
