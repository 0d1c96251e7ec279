/** Tokens from environment variables. The environment comes in as a value; nothing here reads the process. */
import type { Credential, CredentialProvider } from "./http-credentials.ts";

/** Tokens that other tools define; each belongs to one host and never goes elsewhere, nor over plain http. */
const WELL_KNOWN: Readonly<Record<string, readonly string[]>> = {
  "https://github.com": ["GITHUB_TOKEN"],
  "https://gitlab.com": ["GITLAB_TOKEN"],
};

/**
 * Looks for `LULL_TOKEN_<HOST>` (`git.example.com` → `LULL_TOKEN_GIT_EXAMPLE_COM`, with a port
 * `LULL_TOKEN_GIT_EXAMPLE_COM_8443` first), then `LULL_TOKEN`, then the well-known ones of the host. A value
 * `user:password` is sent as such, anything else as a token.
 */
export function environmentCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): CredentialProvider {
  return async (origin) => {
    const { host, hostname } = new URL(origin);
    const names = [
      `LULL_TOKEN_${variablePart(host)}`,
      `LULL_TOKEN_${variablePart(hostname)}`,
      "LULL_TOKEN",
      ...(WELL_KNOWN[origin] ?? []),
    ];
    for (const name of names) {
      // A trailing line break comes easily from `export X=$(cat file)` on Windows and would spoil the header.
      const value = environment[name]?.trim();
      if (value !== undefined && value !== "") return credentialOf(value);
    }
    return undefined;
  };
}

function variablePart(host: string): string {
  return host.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

function credentialOf(value: string): Credential {
  const colon = value.indexOf(":");
  return colon > 0 ? { username: value.slice(0, colon), password: value.slice(colon + 1) } : { token: value };
}
