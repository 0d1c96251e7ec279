import type { Deps } from "../../app/deps.ts";
import { logIn } from "../../app/log-in.ts";
import { type LoginApplication, loginApplication } from "../../app/login-application.ts";
import { type LoginTarget, loginTarget } from "../../app/login-target.ts";
import type { Credential } from "../../base/credential.ts";
import { parseCredential } from "../../base/parse-credential.ts";
import { defineCommand } from "../command.ts";
import { LOGIN_PLACE } from "../login-flags.ts";
import { lookOf } from "../look-of.ts";
import { deviceCodeLines, loggedInLines, tokenAdvice } from "../print/auth.ts";
import { readSecret } from "../read-secret.ts";
import type { Session } from "../session.ts";
import { usageError } from "../usage-error.ts";

export const authLoginCommand = defineCommand({
  meta: {
    name: "auth login",
    takesSecret: true,
    details: [
      'Without --with-token it logs in to GitHub and GitLab in the browser, by a code that you type there. That needs the client id of an application that is registered on the server with the device flow switched on: --client-id, `logins."HOST".client_id` in the config, LULL_GITHUB_CLIENT_ID or LULL_GITLAB_CLIENT_ID. Such a login is renewed by itself where the server lets tokens expire.',
      "Without a client id it asks for an access token. It is tried on the source's remote first and goes into the system's keychain, or into a file that only you can read where there is no keychain.",
    ],
    examples: [
      { command: "lull auth login notes", does: "logs in to the host of a source" },
      {
        command: "lull auth login --host github.com --with-token < token.txt",
        does: "takes a token from a file",
      },
      {
        command: "lull auth login --host git.example.com --service gitlab --client-id ID",
        does: "a GitLab of your own",
      },
      {
        command: "lull config set 'logins.\"git.example.com\"' '{ service: gitlab, client_id: ID }'",
        does: "the same for every later login there",
      },
    ],
    exits: ["config", "unreachable", "auth"],
  },
  args: {
    ...LOGIN_PLACE,
    "with-token": { type: "boolean", description: "Read a token or user:password from stdin" },
    service: {
      type: "enum",
      options: ["github", "gitlab"],
      valueHint: "NAME",
      description: "What runs on the host, where its name does not tell: github or gitlab",
    },
    "client-id": {
      type: "string",
      valueHint: "ID",
      description: "The application to log in with, for the browser",
    },
    "login-url": {
      type: "string",
      valueHint: "URL",
      description: "Where the server's pages are, when they are not at the root of the host",
    },
  },
  run: async (session, given) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const target = await loginTarget(deps, { source: given.source, host: given.host });
    const { service, clientId, base } = await loginApplication(deps, target, {
      service: given.service === "github" || given.service === "gitlab" ? given.service : undefined,
      clientId: given["client-id"],
      url: given["login-url"],
      env: session.io.env,
    });
    const isByBrowser = !given["with-token"] && service !== undefined && clientId !== undefined;
    const login = isByBrowser
      ? await byBrowser(session, await deps.deviceLogins(), { service, clientId, base })
      : await byToken(session, target, { service, fromStdin: given["with-token"] });
    const result = await logIn(deps, { target, ...login, dryRun: flags.dryRun }, { signal });
    if (out.json) out.document(result);
    else out.say(loggedInLines(result, lookOf(session, deps)));
    return "ok";
  },
});

type Login = { readonly credential: Credential; readonly stored: string };
type Logins = Awaited<ReturnType<Deps["deviceLogins"]>>;
type Service = LoginApplication["service"];

async function byBrowser(
  session: Session,
  logins: Logins,
  input: { readonly service: NonNullable<Service>; readonly clientId: string; readonly base: string },
): Promise<Login> {
  const login = await logins.start(input, session.signal);
  // On stderr, and also with `--quiet`: without it nothing goes on.
  for (const line of deviceCodeLines(login.code)) session.out.log(line);
  return login.finish();
}

async function byToken(
  session: Session,
  { origin }: LoginTarget,
  { service, fromStdin }: { readonly service: Service; readonly fromStdin: boolean },
): Promise<Login> {
  const canAsk =
    session.io.ask !== undefined || ((session.io.stdinIsTty ?? session.io.isTty) && !session.out.json);
  if (!fromStdin && !canAsk) {
    throw usageError(
      "MISSING_ARGUMENT",
      `there is no terminal to ask for a token of ${origin} on, and no client id to log in with in the browser`,
      "send a token: `lull auth login --with-token < file`; or give --client-id (`lull auth login --help` tells where else it can stand)",
    );
  }
  if (!fromStdin) session.out.say(tokenAdvice(origin, service));
  const text = await readSecret(session, fromStdin ? undefined : `Token (or user:password) for ${origin}`);
  const credential = parseCredential(text);
  if (credential !== undefined) return { credential, stored: text.trim() };
  throw usageError(
    "NO_SECRET",
    "what was given is no token: it is empty or has several lines",
    "give the token alone",
  );
}
