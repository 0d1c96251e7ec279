import type { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { GitService } from "../transport.ts";
import { type TransportCode, transportError } from "../transport-error.ts";
import type { SshCommand } from "./ssh-channel.ts";

/**
 * Quoted as git quotes it, `!` included: servers that run no shell but look at the command know this form, and in a
 * shell no path can become anything but a path.
 */
export function serviceCommand(service: GitService, path: string, protocol: 0 | 2): SshCommand {
  const quoted = `'${path.replaceAll(/['!]/g, (character) => `'\\${character}'`)}'`;
  // Only fetching has a version 2. A server that ignores the variable answers in version 0, which is read as well.
  const isAsked = protocol === 2 && service === "git-upload-pack";
  return { text: `${service} ${quoted}`, environment: isAsked ? { GIT_PROTOCOL: "version=2" } : {} };
}

/** What servers say, from git itself, GitHub, GitLab, Gitea and Forgejo, Bitbucket. */
const MEANINGS: readonly (readonly [RegExp, TransportCode, string])[] = [
  [
    /not appear to be a git repository|not a git repository|repository.{0,200}(?:not found|does not exist)|could(?: not|n't) (?:be found|find repository)|cannot find repository|no such project/is,
    "REPO_NOT_FOUND",
    "there is no such repository",
  ],
  [
    /write access|read[- ]only|not allowed to|permission (?:to .{0,200} )?denied|access denied|not authorized|unauthorized|forbidden|insufficient permission/is,
    "FORBIDDEN",
    "the server refuses access",
  ],
  [
    /command not found|not found\s*$|is not recognized as/i,
    "REMOTE_ERROR",
    "the server has no git that lull could speak to",
  ],
];

export type CommandEnd = { readonly code: number | undefined; readonly stderr: string };

/** The error for a command that ended by itself before git's protocol was through. */
export function commandFailure({ code, stderr }: CommandEnd, doing: string): LullError {
  const said = serverWords(stderr);
  const [, meaning, words] = MEANINGS.find(([pattern]) => pattern.test(stderr)) ?? [];
  if (meaning !== undefined) {
    return transportError({ code: meaning, message: `cannot ${doing}: ${words}${said}` });
  }
  return code === undefined || code === 0
    ? transportError({
        code: "TRUNCATED",
        message: `cannot ${doing}: the server ended the answer early${said}`,
      })
    : transportError({
        code: "REMOTE_ERROR",
        message: `cannot ${doing}: the server's git ended with code ${code}${said}`,
      });
}

const MOST_WORDS = 300;

/** On one line, safe to print; begins with `: ` unless there is nothing. */
export function serverWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim());
  const telling = lines.filter((line) => line !== "" && !isBoilerplate(line));
  const text = telling.join("; ").slice(0, MOST_WORDS);
  return text === "" ? "" : `: ${safeText(text)}`;
}

/** Git's advice to every failed fetch, frames of asterisks and equals signs. */
function isBoilerplate(line: string): boolean {
  return (
    /^(?:remote: ?)?[=*@-]*$/.test(line) ||
    /^fatal: Could not read from remote repository|^Please make sure you have the correct access|^and the repository exists/.test(
      line,
    )
  );
}
