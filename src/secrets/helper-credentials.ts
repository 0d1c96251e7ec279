/**
 * Git's credential helpers (gitcredentials(7)) as the person's own git config names them. Git itself is not needed:
 * a helper is a program, and lull starts it as git would. It is only ever asked, never told to store or forget.
 */
import { delimiter } from "node:path";

import type { RunProgram } from "../base/program.ts";
import type { FindCredential, FoundCredential } from "./credentials.ts";

/** One `credential.helper` or `credential.<url>.helper`, in the order of the files. */
export type HelperSetting = {
  readonly value: string;
  /** Undefined: for every remote. */
  readonly url: string | undefined;
};

export type HelperParts = {
  /** Of the system's and the person's config; what a repository says is not obeyed. */
  readonly settings: () => readonly HelperSetting[];
  readonly runProgram: RunProgram;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const DEADLINE_MS = 15_000;

/** Where git keeps the helpers that come with it. */
const GIT_PROGRAMS = [
  "/usr/lib/git-core",
  "/usr/libexec/git-core",
  "/usr/local/libexec/git-core",
  "/opt/homebrew/opt/git/libexec/git-core",
  "/Library/Developer/CommandLineTools/usr/libexec/git-core",
];

/** Nobody may be there to answer; a helper that has no answer must not ask a person. */
const SILENT = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  GCM_INTERACTIVE: "never",
  GH_PROMPT_DISABLED: "1",
};

export function helperCredentials({ settings, runProgram, env }: HelperParts): FindCredential {
  return async (origin, { signal }) => {
    for (const helper of helpersFor(settings(), origin)) {
      const result = await runProgram(["sh", "-c", `${scriptOf(helper)} get`], {
        deadlineMs: DEADLINE_MS,
        signal,
        env: { ...env, ...SILENT, PATH: pathWithGit(env) },
        input: question(origin),
      });
      if (result.kind === "missing") return undefined;
      const answer = result.kind === "ended" && result.code === 0 ? fieldsOf(result.stdout) : new Map();
      const found = foundIn(answer, helper);
      if (found !== undefined || answer.get("quit") === "1") return found;
    }
    return undefined;
  };
}

/** An empty value takes back all before it. Pure. */
export function helpersFor(settings: readonly HelperSetting[], origin: string): readonly string[] {
  const helpers: string[] = [];
  for (const { value, url } of settings) {
    if (url !== undefined && !matches(url, origin)) continue;
    if (value === "") helpers.length = 0;
    else helpers.push(value);
  }
  return helpers;
}

/** A pattern with a path is for one repository, and lull asks for a host. */
function matches(pattern: string, origin: string): boolean {
  const text = pattern.includes("://") ? pattern : `${new URL(origin).protocol}//${pattern}`;
  try {
    const { origin: wanted, pathname, hostname, protocol } = new URL(text.replace("://*.", "://wildcard."));
    if (pathname !== "/") return false;
    if (!text.includes("://*.")) return wanted === origin;
    const given = new URL(origin);
    const isBelow = given.hostname.endsWith(hostname.slice("wildcard".length));
    return (
      given.protocol === protocol &&
      isBelow &&
      given.hostname.split(".").length === hostname.split(".").length
    );
  } catch {
    return false;
  }
}

/** As run_credential_helper in git's credential.c has it. */
function scriptOf(helper: string): string {
  if (helper.startsWith("!")) return helper.slice(1);
  return helper.startsWith("/") ? helper : `git-credential-${helper}`;
}

function pathWithGit(env: HelperParts["env"]): string {
  const given = [env["PATH"], env["GIT_EXEC_PATH"]].filter((part) => part !== undefined && part !== "");
  return [...given, ...GIT_PROGRAMS].join(delimiter);
}

function question(origin: string): string {
  const { protocol, host } = new URL(origin);
  return `protocol=${protocol.slice(0, -1)}\nhost=${host}\n\n`;
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split("\n").map((line) => {
    const equals = line.indexOf("=");
    return [line.slice(0, Math.max(0, equals)), line.slice(equals + 1).replace(/\r$/, "")] as const;
  });
  return new Map(pairs);
}

function foundIn(answer: ReadonlyMap<string, string>, helper: string): FoundCredential | undefined {
  const password = answer.get("password") ?? "";
  const username = answer.get("username") ?? "";
  if (password === "") return undefined;
  const expiry = Number(answer.get("password_expiry_utc") ?? Number.NaN);
  return {
    credential: username === "" ? { token: password } : { username, password },
    place: "helper",
    from: `git's credential helper ${shownName(helper)}`,
    expiresAt: Number.isFinite(expiry) ? expiry * 1000 : undefined,
  };
}

/** Of a shell line only what is plainly a program's name: the rest may hold anything. */
function shownName(helper: string): string {
  const [first = ""] = helper.replace(/^!/, "").split(/\s/);
  return /^[\w./~-]+$/.test(first) ? first : "of your own";
}
