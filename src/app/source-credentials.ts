import type { CredentialProvider } from "../base/credential.ts";
import type { Source } from "../config/config.ts";
import type { CredentialSetting } from "../secrets/credentials.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";
import type { OpenOptions } from "../transport/transport.ts";
import type { Deps } from "./deps.ts";

/** Returns what gives a source's remotes their credentials; undefined: its config says nothing of its own. */
export function credentialsOf(
  deps: Pick<Deps, "credentials">,
  source: Pick<Source, "credential" | "remotes">,
): CredentialProvider | undefined {
  if (source.credential === undefined) return undefined;
  return async (origin, request) => {
    const setting = settingFor(source, origin);
    return (await deps.credentials.find(origin, { ...request, setting }))?.credential;
  };
}

/** A source's own credential is for the host of its main remote; another host must not get to see it. */
export function settingFor(
  { credential, remotes }: Pick<Source, "credential" | "remotes">,
  origin: string,
): CredentialSetting | undefined {
  const [main] = remotes;
  if (credential === undefined || main === undefined) return undefined;
  const remote = parseRemoteUrl(main.url);
  if (remote.kind !== "http") return undefined;
  // A server may lead from http to https, never back.
  const upgraded = `https://${new URL(remote.origin).hostname}`;
  return origin === remote.origin || origin === upgraded ? credential : undefined;
}

/** Where the repository of a source is, whose config may choose a key; undefined: it has none that is known. */
export function directoryOf(source: Source): string | undefined {
  return "directory" in source ? source.directory : undefined;
}

/** How the remotes of a source are opened. */
export function openOptionsOf(
  deps: Pick<Deps, "credentials">,
  source: Source,
): Pick<OpenOptions, "credentials" | "directory" | "settings"> {
  return {
    credentials: credentialsOf(deps, source),
    directory: directoryOf(source),
    settings: source.transport,
  };
}
