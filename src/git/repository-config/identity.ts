/** Who commits, as git finds it: the environment first, then the configuration; never guessed from the machine. */
import type { GitConfig } from "./git-config.ts";
import type { Environment } from "./load-config.ts";

export type Identity = { readonly name: string; readonly email: string };

/** Returns undefined unless both name and address are set somewhere. */
export function findIdentity(
  config: GitConfig,
  environment: Environment,
  role: "author" | "committer" = "author",
): Identity | undefined {
  const variable = `GIT_${role.toUpperCase()}`;
  const name = firstUsable(
    environment[`${variable}_NAME`],
    config.get(`${role}.name`),
    config.get("user.name"),
  );
  const email = firstUsable(
    environment[`${variable}_EMAIL`],
    config.get(`${role}.email`),
    config.get("user.email"),
    environment["EMAIL"],
  );
  return name === undefined || email === undefined ? undefined : { name, email };
}

/** Drops what git drops from names (ident.c: line breaks, angle brackets, crud at both ends), then empty ones. */
function firstUsable(...candidates: readonly (string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const clean = candidate
      ?.replaceAll(/[\n<>\0]/g, "")
      .replaceAll(/^[\u0000-\u0020.,:;<>"\\']+|[\u0000-\u0020.,:;<>"\\']+$/g, "");
    if (clean !== undefined && clean !== "") return clean;
  }
  return undefined;
}
