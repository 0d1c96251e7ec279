import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import { nearestWord } from "../base/nearest-word.ts";
import type { Config, Source } from "../config/config.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";
import type { TransportSettings } from "../transport/transport.ts";
import type { Deps } from "./deps.ts";

export type LoginTarget = {
  /** Scheme, host and port that the credential is for, and the name it is stored under. */
  readonly origin: string;
  /** A remote to try it on, without a credential of its own; undefined: none is known. */
  readonly url: string | undefined;
  /** How that remote is reached; undefined: as the config wants it for all. */
  readonly settings: TransportSettings | undefined;
};

export type LoginTargetInput = { readonly source: string | undefined; readonly host: string | undefined };

/** Finds out where to log in: at the host that is named, at the source's main remote, or at the only host there is. */
export async function loginTarget(deps: Pick<Deps, "config">, input: LoginTargetInput): Promise<LoginTarget> {
  if (input.host !== undefined) {
    const origin = originOf(input.host);
    const known = deps.config.exists() ? (await deps.config.load()).config.sources.flatMap(targetsOf) : [];
    return (
      known.find((target) => target.origin === origin) ?? { origin, url: undefined, settings: undefined }
    );
  }
  const { config } = await deps.config.load();
  if (input.source !== undefined) {
    const source = config.sources.find(({ name }) => name === input.source);
    if (source === undefined) throw unknownSource(config, input.source);
    const [target] = targetsOf(source);
    if (target === undefined) throw noWebRemote(`the source "${source.name}" has no http(s) remote`);
    return target;
  }
  const targets = new Map(config.sources.flatMap(targetsOf).map((target) => [target.origin, target]));
  const [first, ...others] = targets.values();
  if (first === undefined) throw noWebRemote("no source has an http(s) remote");
  if (others.length > 0) throw severalHosts([...targets.keys()]);
  return first;
}

function targetsOf({ remotes, transport }: Pick<Source, "remotes" | "transport">): readonly LoginTarget[] {
  return remotes.flatMap(({ url }) => {
    const remote = parseRemoteUrl(url);
    return remote.kind === "http" ? [{ origin: remote.origin, url: remote.url, settings: transport }] : [];
  });
}

function originOf(host: string): string {
  const remote = parseRemoteUrl(/^https?:\/\//i.test(host) ? host : `https://${host}`);
  if (remote.kind === "http") return remote.origin;
  throw noWebRemote(`${redactUrl(host)} is no host`);
}

/** What stands there may be the token itself. */
function unknownSource({ sources }: Config, word: string): LullError {
  const nearest = nearestWord(
    word,
    sources.map(({ name }) => name),
  );
  const meant = nearest === undefined ? "`lull list` shows all sources" : `did you mean "${nearest}"?`;
  return new LullError({
    kind: "usage",
    code: "UNKNOWN_SOURCE",
    message: "there is no source of the name that was given; it is not repeated here, as it may be a secret",
    hint: `${meant}; a token is typed, or sent on stdin: \`lull auth login --with-token < file\``,
  });
}

function noWebRemote(message: string): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_LOGIN_HOST",
    message,
    causes: ["paths need no login, and ssh remotes use keys"],
    hint: "name the host: lull auth login --host github.com",
  });
}

function severalHosts(origins: readonly string[]): LullError {
  return new LullError({
    kind: "usage",
    code: "MISSING_ARGUMENT",
    message: `the sources have remotes on several hosts: ${origins.join(", ")}`,
    hint: "name a source, or the host: lull auth login --host HOST",
  });
}
