/**
 * Whom consent is asked of, and for whom: from a provider's preset, a client file, or single flags.
 */
import { CliError, usageError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";
import { ask, canAsk } from "../terminal/ask.js";
import { readText } from "../terminal/read-input.js";

export interface OAuthClient {
  readonly authUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Undefined for a client that cannot keep one. */
  readonly clientSecret: string | undefined;
  readonly scope: string;
  /** Further parameters of the page. */
  readonly parameters: Readonly<Record<string, string>>;
  /** How the redirect names this machine. */
  readonly redirectHost: "127.0.0.1" | "localhost";
}

interface OAuthProvider extends Pick<OAuthClient, "authUrl" | "tokenUrl" | "scope" | "parameters" | "redirectHost"> {
  /** Its server, by the name in `postrider/providers`. */
  readonly server: "gmail" | "microsoft365";
}

export const OAUTH_PROVIDERS: Readonly<Record<string, OAuthProvider>> = {
  google: {
    authUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    scope: "https://mail.google.com/",
    // QUIRK: Google gives a refresh token only with offline access, and a second one only when consent is asked for again.
    parameters: { access_type: "offline", prompt: "consent" },
    redirectHost: "127.0.0.1",
    server: "gmail",
  },
  microsoft: {
    authUrl: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    tokenUrl: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    scope: "https://outlook.office.com/SMTP.Send offline_access",
    parameters: { prompt: "select_account" },
    // QUIRK: Entra ignores the port of a redirect to localhost, and of no other.
    redirectHost: "localhost",
    server: "microsoft365",
  },
};

/** The flags that name a client. */
export interface OAuthClientOptions {
  readonly provider?: string | undefined;
  readonly clientFile?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly authUrl?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly scope?: string | undefined;
}

/** @throws CliError that names the flag */
export async function resolveClient(options: OAuthClientOptions): Promise<OAuthClient> {
  const preset = options.provider === undefined ? undefined : OAUTH_PROVIDERS[options.provider];
  if (options.tenant !== undefined && options.provider !== "microsoft") {
    throw usageError("--tenant requires --provider microsoft");
  }
  if (options.clientFile !== undefined && options.clientId !== undefined) {
    throw usageError("--client-file and --client-id cannot be combined");
  }
  const inFile = options.clientFile === undefined ? undefined : await readClientFile(options.clientFile);
  const tenant = encodeURIComponent(options.tenant ?? "common");
  const url = (flag: string, ...candidates: readonly (string | undefined)[]): string =>
    endpoint(flag, candidates.find((one) => one !== undefined)?.replace("{tenant}", tenant));
  const { POSTRIDER_CLIENT_SECRET: secret } = process.env;
  return {
    authUrl: url("--auth-url", options.authUrl, preset?.authUrl, inFile?.authUrl),
    tokenUrl: url("--token-url", options.tokenUrl, preset?.tokenUrl, inFile?.tokenUrl),
    clientId: inFile?.clientId ?? options.clientId ?? (await askClientId()),
    clientSecret: inFile?.clientSecret ?? (secret === "" ? undefined : secret),
    scope: options.scope ?? preset?.scope ?? missing("--scope"),
    parameters: preset?.parameters ?? {},
    redirectHost: preset?.redirectHost ?? "127.0.0.1",
  };
}

async function askClientId(): Promise<string> {
  return canAsk() ? ask("Client ID: ") : missing("--client-id");
}

function missing(flag: string): never {
  throw usageError(`${flag} is missing; --provider or --client-file can supply it`);
}

/** SECURITY: codes and tokens pass there. @throws CliError */
function endpoint(flag: string, text: string | undefined): string {
  if (text === undefined) return missing(flag);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol === "https:" || isLocal) return text;
  throw usageError(`${flag} must start with https:// (http:// only to this machine)`);
}

type ClientFile = Pick<OAuthClient, "clientId" | "clientSecret" | "authUrl" | "tokenUrl">;

async function readClientFile(file: string): Promise<ClientFile> {
  const text = await readText(file, "the file of the client");
  const fault = (why: string): CliError => new CliError(EXIT.data, `--client-file: ${file} ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // SECURITY: the parser's own words quote the file, with its secret.
    throw fault("is not valid JSON");
  }
  if (isRecord(value) && isRecord(value["web"])) {
    throw fault('is of a client of the type "Web application"; make one of the type "Desktop app"');
  }
  const client = isRecord(value) && isRecord(value["installed"]) ? value["installed"] : undefined;
  const texts = ["client_id", "client_secret", "auth_uri", "token_uri"].map((key) => client?.[key]);
  const [clientId, clientSecret, authUrl, tokenUrl] = texts;
  if (texts.some((one) => typeof one !== "string" || one === "")) {
    throw fault('must hold { "installed": { "client_id", "client_secret", "auth_uri", "token_uri" } }');
  }
  return { clientId, clientSecret, authUrl, tokenUrl } as ClientFile;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
