import { LullError } from "../../base/errors.ts";
import type { SignatureFormat, SigningRequest } from "../../base/signing.ts";
import { createGitConfig, expandHome, type GitConfig } from "./git-config.ts";

export type RequestInput = {
  readonly config: GitConfig;
  readonly home: string | undefined;
  readonly sign: SignPolicy;
};

/** Whether commits are signed. `auto`: as git would, by `commit.gpgSign`. */
export type SignPolicy = "auto" | "always" | "never";

const USUAL_KEYS = ["commit", "gpg", "user"];

/**
 * Returns how git's config wants a commit to be signed; undefined: not at all. A repository's own config chooses whether,
 * the format and the key, as many people have one for each employer. It does not choose programs: who hands somebody a
 * repository would run what they like.
 * @throws LullError `GIT_CONFIG_INVALID` (kind `config`)
 */
export function signingRequest({
  config,
  home,
  sign,
}: RequestInput): Omit<SigningRequest, "identity" | "payload" | "directory"> | undefined {
  if (sign === "never") return undefined;
  if (sign === "auto" && config.boolean("commit.gpgsign") !== true) return undefined;
  const format = formatOf(config);
  const personal = createGitConfig(
    config.entries.filter(({ scope, section }) => scope !== "local" && USUAL_KEYS.includes(section)),
    home,
  );
  // The first is the older word for the second.
  const programs = format === "openpgp" ? ["gpg.program", "gpg.openpgp.program"] : [`gpg.${format}.program`];
  const commands = format === "ssh" ? [...programs, "gpg.ssh.defaultkeycommand"] : programs;
  const key = config.get("user.signingkey");
  return {
    format,
    key: key === undefined || key === "" ? undefined : expandHome(key, home),
    program: programs
      .map((name) => personal.path(name))
      .findLast((text) => text !== undefined && text !== ""),
    keyCommand: format === "ssh" ? personal.get("gpg.ssh.defaultkeycommand") : undefined,
    unheeded: unheeded(config, commands),
  };
}

function formatOf(config: GitConfig): SignatureFormat {
  const format = config.get("gpg.format") ?? "openpgp";
  if (format === "openpgp" || format === "ssh" || format === "x509") return format;
  throw new LullError({
    kind: "config",
    code: "GIT_CONFIG_INVALID",
    message: `gpg.format in git's config is none that git knows: ${JSON.stringify(format)}`,
    hint: "set it to openpgp, ssh or x509, or leave it out",
    data: { key: "gpg.format" },
  });
}

function unheeded({ entries }: GitConfig, commands: readonly string[]): readonly string[] {
  const named = entries
    .filter(({ scope, section }) => scope === "local" && section === "gpg")
    .map(({ section, subsection, name, file }) => ({
      key: [section, subsection, name].filter((part) => part !== undefined).join("."),
      file,
    }))
    .filter(({ key }) => commands.includes(key));
  return [...new Set(named.map(({ key, file }) => `${key} in ${file}`))];
}
