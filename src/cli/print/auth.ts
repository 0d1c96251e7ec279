import type { LoginCheck } from "../../app/check-login.ts";
import type { LoggedInAt } from "../../app/log-in.ts";
import type { LoggedOut } from "../../app/log-out.ts";
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Deps } from "../../app/deps.ts";
import { errorDetails } from "../render-error.ts";
import { alignColumns, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { localTime } from "./times.ts";

type StoredPlace = NonNullable<LoggedInAt["storedAt"]>;

/** Where something went, and aloud why it is not the keychain. */
export function storedPlaceWords({ place, why }: StoredPlace): string {
  if (place === "keychain") return "in the keychain";
  return `in a file that only you can read, as there is no keychain to use: ${safeText(why ?? "")}`;
}

export function storedPlaceLines(done: string, place: StoredPlace, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  return hangingLines(`${style.green(symbols.done)} `, `${done} ${storedPlaceWords(place)}`, width);
}

export function secretListLines(secrets: ReturnType<Deps["secrets"]["list"]>, look: Look): readonly string[] {
  if (secrets.length === 0) return ["No secrets are stored. Next: lull auth login"];
  const head = ["NAME", "PLACE", "STORED"].map((title) => look.style.dim(title));
  return alignColumns([
    head,
    ...secrets.map(({ name, place, storedAt }) => [
      look.style.bold(safeText(name)),
      place,
      localTime(storedAt, look.clock),
    ]),
  ]);
}

export function deviceCodeLines(code: {
  readonly userCode: string;
  readonly verificationUri: string;
}): readonly string[] {
  return [
    `Open ${safeText(code.verificationUri)} in a browser, on any device, and enter this code: ${safeText(code.userCode)}`,
    "Waiting until you have done so; Ctrl-C gives up.",
  ];
}

const TOKEN_PAGES = {
  github: "/settings/personal-access-tokens",
  gitlab: "/-/user_settings/personal_access_tokens",
} as const;
const SCOPES = { github: "contents: read and write", gitlab: "read_repository, write_repository" } as const;

export function tokenAdvice(origin: string, service: keyof typeof SCOPES | undefined): readonly string[] {
  if (service === undefined) return [];
  return [
    `Make a token at ${origin}${TOKEN_PAGES[service]} (${SCOPES[service]}).`,
    `To log in in the browser instead, give a client id: --client-id, or in the config: lull config set 'logins."${new URL(origin).host}".client_id' ID`,
  ];
}

export function loggedInLines(result: LoggedInAt, look: Look): readonly string[] {
  const { origin, storedAt, test, instead } = result;
  const { style, symbols, width } = look;
  const lines =
    storedAt === undefined
      ? [`Would store the login to ${safeText(origin)}`]
      : storedPlaceLines(`Stored the login to ${safeText(origin)}`, storedAt, look);
  return [
    ...lines,
    ...(test === undefined ? [] : hangingLines("  ", testWords(test), width)),
    ...(instead === undefined
      ? []
      : hangingLines(
          `${style.yellow(symbols.attention)} `,
          `It is not used as long as ${safeText(instead)} goes before it`,
          width,
        )),
  ];
}

export function loggedOutLines(result: LoggedOut, { style, symbols, width }: Look): readonly string[] {
  const { origin, removed, still, dryRun } = result;
  const verb = dryRun ? "Would remove" : "Removed";
  const host = safeText(origin);
  return [
    removed ? `${style.green(symbols.done)} ${verb} the login to ${host}` : `No login to ${host} is stored`,
    ...(still === undefined
      ? []
      : hangingLines("  ", `lull still gets a credential for it from ${safeText(still)}`, width)),
  ];
}

export function loginCheckLines(checks: readonly LoginCheck[], look: Look): readonly string[] {
  if (checks.length === 0) return ["No source has a remote."];
  return checks.flatMap((check) => checkLines(check, look));
}

function checkLines(check: LoginCheck, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const { test } = check;
  const sign = test.kind === "works" ? style.green(symbols.done) : style.red(symbols.failed);
  const details = test.kind === "works" ? [] : errorDetails(new LullError(test.error), { width });
  return [
    `${sign} ${style.bold(safeText(check.source))}  ${safeText(check.remote)}  ${safeText(check.url)}`,
    ...hangingLines("  ", credentialWords(check, look), width),
    ...hangingLines("  ", testWords(test), width),
    ...details,
  ];
}

function credentialWords({ kind, credential }: LoginCheck, look: Look): string {
  if (kind === "local") return "a path of this machine needs no login";
  if (kind === "ssh") return "ssh logs in with keys";
  if (credential === undefined) return "no credential is known for it";
  const { from, expiresAt, renews } = credential;
  const until = expiresAt === undefined ? "" : `, good until ${localTime(expiresAt, look.clock)}`;
  return `the credential comes from ${safeText(from)}${until}${renews ? ", renewed by itself" : ""}`;
}

function testWords(test: LoginCheck["test"]): string {
  if (test.kind === "works")
    return test.writes ? "the remote lets lull read and write" : "the remote lets lull read, not write";
  return safeText(test.error.message);
}
