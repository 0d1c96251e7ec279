import { throwIfAborted } from "../base/abort.ts";
import type { CredentialProvider } from "../base/credential.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { RemoteConfig, Source } from "../config/config.ts";
import type { CredentialPlace, FoundCredential } from "../secrets/credentials.ts";
import { toRunError } from "../sync/run-error.ts";
import { parseRemoteUrl, type RemoteUrl } from "../transport/remote-url.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { directoryOf, settingFor } from "./source-credentials.ts";
import { type RemoteTest, testRemote } from "./test-remote.ts";

/** The credential that would be used, without itself. */
export type ShownCredential = {
  readonly place: CredentialPlace | "url";
  readonly from: string;
  readonly expiresAt: number | undefined;
  readonly renews: boolean;
};

export type LoginCheck = {
  readonly source: string;
  readonly remote: string;
  readonly url: string;
  readonly kind: RemoteUrl["kind"];
  /** Undefined: there is none, or none is needed. */
  readonly credential: ShownCredential | undefined;
  readonly test: RemoteTest;
};

/** Tells for each remote which credential would be used and from where, and tries it. */
export async function checkLogin(
  deps: Deps,
  input: { readonly names: readonly string[] },
  { signal }: Context,
): Promise<{ readonly checks: readonly LoginCheck[]; readonly warnings: readonly string[] }> {
  const { config, warnings } = await deps.config.load();
  const checks: LoginCheck[] = [];
  for (const source of findSources(config, input.names)) {
    for (const remote of source.remotes) checks.push(await checkRemote(deps, { source, remote }, signal));
  }
  return { checks, warnings };
}

type Pair = { readonly source: Source; readonly remote: RemoteConfig };

async function checkRemote(deps: Deps, { source, remote }: Pair, signal: AbortSignal): Promise<LoginCheck> {
  const parsed = parseRemoteUrl(remote.url);
  const common = { source: source.name, remote: remote.name, url: redactUrl(remote.url), kind: parsed.kind };
  const tested = { url: remote.url, settings: source.transport };
  if (parsed.kind !== "http") {
    const test = await testRemote(
      deps,
      { ...tested, directory: directoryOf(source), credentials: undefined },
      signal,
    );
    return { ...common, credential: undefined, test };
  }
  let found: FoundCredential | undefined;
  try {
    if (parsed.credential === undefined) {
      const setting = settingFor(source, parsed.origin);
      found = await deps.credentials.find(parsed.origin, { setting, signal });
    }
  } catch (error) {
    throwIfAborted(signal);
    return { ...common, credential: undefined, test: { kind: "refused", error: toRunError(error) } };
  }
  const credentials = onceFound(deps, source, { origin: parsed.origin, found });
  const credential = parsed.credential === undefined ? shown(found) : IN_THE_URL;
  return { ...common, credential, test: await testRemote(deps, { ...tested, credentials }, signal) };
}

const IN_THE_URL: ShownCredential = {
  place: "url",
  from: "the remote's address in the config",
  expiresAt: undefined,
  renews: false,
};

function shown(found: FoundCredential | undefined): ShownCredential | undefined {
  if (found === undefined) return undefined;
  const { place, from, expiresAt, renews = false } = found;
  return { place, from, expiresAt, renews };
}

/** What was found is tried itself: a program that prints it may not do so a second time. */
function onceFound(
  deps: Deps,
  source: Source,
  known: { readonly origin: string; readonly found: FoundCredential | undefined },
): CredentialProvider {
  return async (origin, request) => {
    if (origin === known.origin && request.refused === undefined) return known.found?.credential;
    const setting = settingFor(source, origin);
    return (await deps.credentials.find(origin, { ...request, setting }))?.credential;
  };
}
