/** `postrider oauth login`, with a provider of this machine and `fetch` in place of the browser. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { type Finished, finished, folder, postrider, start } from "./support/command.js";
import { OAuthProvider } from "./support/oauth-provider.js";

const LOGIN = ["oauth", "login", "--no-browser"];

interface LoggedIn extends Finished {
  /** What the browser shows in the end. */
  readonly page: string;
}

/** Runs it, and goes to the page that it prints, as `visit` says. */
async function login(
  args: readonly string[],
  env: Record<string, string> = {},
  visit: (page: string) => Promise<string> = textOf,
): Promise<LoggedIn> {
  const child = start([...LOGIN, ...args], { env });
  let said = "";
  const page = new Promise<string>((resolve) => {
    const look = (piece: Buffer): void => {
      said += piece.toString();
      const url = /^http\S+(?=\n)/m.exec(said)?.[0];
      if (url === undefined) return;
      child.stderr?.off("data", look);
      resolve(visit(url));
    };
    child.stderr?.on("data", look);
    child.once("close", () => resolve(""));
  });
  const done = await finished(child);
  return { ...done, page: await page };
}

async function textOf(page: string): Promise<string> {
  return (await fetch(page)).text();
}

function endpoints({ url }: OAuthProvider): string[] {
  return ["--auth-url", `${url}/authorize`, "--token-url", `${url}/token`, "--scope", "smtp offline_access"];
}

test("consent gives a refresh token: PKCE, state, and a redirect to this machine", async (t) => {
  const provider = await OAuthProvider.start(t);
  const env = { POSTRIDER_CLIENT_SECRET: "client-s3cret" };
  const done = await login([...endpoints(provider), "--client-id", "id-1", "--user", "ann@example.org", "--json"], env);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.page, /You can close this window/);
  const result = JSON.parse(done.stdout);
  assert.equal(result.refreshToken, "refresh-1");
  assert.equal(result.clientId, "id-1");
  const [page, token] = provider.asked;
  assert.equal(page?.["code_challenge_method"], "S256");
  assert.equal(page?.["login_hint"], "ann@example.org");
  assert.match(page?.["redirect_uri"] ?? "", /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.equal(token?.["redirect_uri"], page?.["redirect_uri"]);
  assert.equal(token?.["client_secret"], "client-s3cret");
  assert.ok(!done.stderr.includes("client-s3cret"));
});

test("--profile keeps the token in place of the password, and commands log in with it", async (t) => {
  const provider = await OAuthProvider.start(t, { refreshToken: "refresh-2" });
  await using inbox = await startInbox({
    smtpPort: 0,
    webPort: false,
    auth: { username: "ann@example.org", password: "access-1" },
  });
  const file = join(folder(t), "profiles.json");
  const env = { POSTRIDER_PROFILES: file, POSTRIDER_PASSWORD: "old" };
  const server = ["--server", `127.0.0.1:${inbox.smtpPort}`, "--user", "ann@example.org"];
  await postrider(["profile", "add", "work", ...server], { env });
  const args = [...endpoints(provider), "--client-id", "id-1", "--profile", "work"];
  const done = await login(args, { POSTRIDER_PROFILES: file });
  assert.equal(done.code, 0, done.stderr);
  assert.ok(!(done.stdout + done.stderr).includes("refresh-2"));
  const { work } = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(work.password, undefined);
  assert.deepEqual(work.oauth, { tokenUrl: `${provider.url}/token`, clientId: "id-1", refreshToken: "refresh-2" });

  const sent = await postrider(["send", "-p", "work", "--subject", "x", "--text", "x", "--trace", "bob@example.com"], {
    env: { POSTRIDER_PROFILES: file },
  });
  assert.equal(sent.code, 0, sent.stderr);
  assert.match(sent.stderr, /^> AUTH (?:XOAUTH2|OAUTHBEARER)/m);
  assert.equal(provider.asked.at(-1)?.["grant_type"], "refresh_token");
});

test("a refresh token that the provider replaces is written into the profile", async (t) => {
  const provider = await OAuthProvider.start(t, { refreshToken: "refresh-new" });
  await using inbox = await startInbox({ smtpPort: 0, webPort: false, auth: "any" });
  const file = join(folder(t), "profiles.json");
  const oauth = { tokenUrl: `${provider.url}/token`, clientId: "id-1", refreshToken: "refresh-old" };
  const profile = { url: `smtp://127.0.0.1:${inbox.smtpPort}`, username: "ann", from: "ann@example.org", oauth };
  writeFileSync(file, JSON.stringify({ work: profile }), { mode: 0o600 });
  const { code, stderr } = await postrider(["send", "-p", "work", "--subject", "x", "--text", "x", "bob@example.com"], {
    env: { POSTRIDER_PROFILES: file },
  });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(readFileSync(file, "utf8")).work.oauth.refreshToken, "refresh-new");
});

test("--client-file is the file of Google's console", async (t) => {
  const provider = await OAuthProvider.start(t);
  const file = clientFile(t, {
    installed: {
      client_id: "id-2",
      client_secret: "s-2",
      auth_uri: `${provider.url}/authorize`,
      token_uri: `${provider.url}/token`,
    },
  });
  const done = await login(["--client-file", file, "--scope", "mail"]);
  assert.equal(done.code, 0, done.stderr);
  assert.equal(provider.asked[1]?.["client_id"], "id-2");
  assert.equal(provider.asked[1]?.["client_secret"], "s-2");
  const web = await postrider([...LOGIN, "--client-file", clientFile(t, { web: {} }), "--provider", "google"]);
  assert.equal(web.code, 65);
  assert.match(web.stderr, /Desktop app/);
});

const REFUSALS = [
  ["consent that was refused", { error: "access_denied" }, 69, /the provider rejected the login: access_denied/],
  ["an answer to another question", { state: "forged" }, 69, /is invalid: unexpected "state"/],
  ["a code that is refused", { status: 400 }, 69, /the provider rejected the login: invalid_grant: it is old/],
  ["no refresh token", { refreshToken: "" }, 69, /returned no refresh token: request offline access/],
] as const;

for (const [what, script, expected, says] of REFUSALS) {
  test(`${what} is an error: ${expected}`, async (t) => {
    const provider = await OAuthProvider.start(t, script);
    const { code, stderr, stdout } = await login([...endpoints(provider), "--client-id", "id-1"]);
    assert.match(stderr, says);
    assert.equal(code, expected);
    assert.equal(stdout, "");
    assert.ok(!stderr.replace(/^http.*$/m, "").includes("the-code"));
  });
}

test("a stranger on the port gets 404, and the answer is still waited for", async (t) => {
  const provider = await OAuthProvider.start(t);
  const args = [...endpoints(provider), "--client-id", "id-1"];
  const statuses: number[] = [];
  const { code, stderr } = await login(args, {}, async (page) => {
    const back = new URL(new URL(page).searchParams.get("redirect_uri") ?? "");
    for (const path of ["/favicon.ico", "/", "/other?code=x"]) statuses.push((await fetch(new URL(path, back))).status);
    return textOf(page);
  });
  assert.deepEqual(statuses, [404, 404, 404]);
  assert.equal(code, 0, stderr);
});

test("nobody who consents within the time ends it with 75", async () => {
  const endpointsOf = ["--auth-url", "https://x.example", "--token-url", "https://x.example", "--scope", "x"];
  const { code, stderr } = await postrider([...LOGIN, ...endpointsOf, "--client-id", "id-1", "--timeout", "0.01"]);
  assert.equal(code, 75);
  assert.match(stderr, /no consent within 0\.01 seconds/);
});

test("what is missing is told before anybody is asked to consent", async () => {
  for (const [args, says] of [
    [["--provider", "google"], /--client-id is missing/],
    [["--client-id", "x"], /--auth-url is missing/],
    [
      ["--client-id", "x", "--auth-url", "http://example.org", "--token-url", "https://x"],
      /--auth-url must start with https/,
    ],
    [["--provider", "google", "--client-id", "x", "--tenant", "y"], /--tenant requires --provider microsoft/],
    [["--provider", "google", "--client-id", "x", "--profile", "new"], /--user is missing/],
  ] as const) {
    const { code, stderr } = await postrider([...LOGIN, ...args], {
      env: { POSTRIDER_PROFILES: "/nonexistent/p.json" },
    });
    assert.match(stderr, says);
    assert.equal(code, 64);
  }
});

function clientFile(t: TestContext, value: unknown): string {
  const file = join(folder(t), "client.json");
  writeFileSync(file, JSON.stringify(value));
  return file;
}
