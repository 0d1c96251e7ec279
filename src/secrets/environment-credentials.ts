/** Tokens from environment variables. The environment comes in as a value; nothing here reads the process. */
import type { FoundCredential } from "./credentials.ts";
import { parseCredential } from "../base/parse-credential.ts";

/** Tokens that other tools define; each belongs to one host and never goes elsewhere, nor over plain http. */
const WELL_KNOWN: Readonly<Record<string, readonly string[]>> = {
  "https://github.com": ["GITHUB_TOKEN"],
  "https://gitlab.com": ["GITLAB_TOKEN"],
};

/**
 * Looks for `LULL_TOKEN_<HOST>` (`git.example.com` → `LULL_TOKEN_GIT_EXAMPLE_COM`, with a port
 * `LULL_TOKEN_GIT_EXAMPLE_COM_8443` first), then `LULL_TOKEN`, then the well-known ones of the host.
 */
export function environmentCredential(
  environment: Readonly<Record<string, string | undefined>>,
  origin: string,
): FoundCredential | undefined {
  const { host, hostname } = new URL(origin);
  const names = [
    `LULL_TOKEN_${variablePart(host)}`,
    `LULL_TOKEN_${variablePart(hostname)}`,
    "LULL_TOKEN",
    ...(WELL_KNOWN[origin] ?? []),
  ];
  for (const name of names) {
    const credential = parseCredential(environment[name] ?? "");
    if (credential !== undefined)
      return { credential, place: "environment", from: `the environment variable ${name}` };
  }
  return undefined;
}

function variablePart(host: string): string {
  return host.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}
