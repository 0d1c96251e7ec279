/** Picks the way to a remote by the form of its address. */
import { homedir } from "node:os";
import { join } from "node:path";

import type { Clock } from "../base/clock.ts";
import type { CredentialProvider } from "../base/credential.ts";
import type { Bandwidth } from "./bandwidth.ts";
import { DEFAULT_DEADLINES } from "./http-deadlines.ts";
import type { Deadlines } from "./http-deadlines.ts";
import type { RouteMeans } from "./http-route.ts";
import { WHOLE_BODY_LIMIT } from "./http-request-body.ts";
import { keptServers, type KeptServers, type MemoryPlace } from "./kept-servers.ts";
import { LocalConnection } from "./local.ts";
import { redactUrl } from "../base/redact-url.ts";
import { parseRemoteUrl } from "./remote-url.ts";
import type { UrlCredential } from "./remote-url.ts";
import type { SshMeans } from "./ssh/open-ssh.ts";
import {
  DEFAULT_SETTINGS,
  type OpenOptions,
  type ServiceResponder,
  type Transport,
  type TransportSettings,
} from "./transport.ts";

export type TransportOptions = {
  /** Asked for an origin once per connection, and once more when it was refused; one inside the URL goes before. */
  readonly credentials: CredentialProvider;
  /** Serves a folder of this machine. */
  readonly createResponder: (directory: string) => ServiceResponder | Promise<ServiceResponder>;
  readonly clock: Clock;
  readonly deadlines?: Partial<Deadlines>;
  /** What stands between this process and a server; left out: nothing is known of it. */
  readonly surroundings?: Surroundings;
  /** lull's version, for the User-Agent. */
  readonly version?: string;
  /** What `~/` stands for; default: the user's home folder. */
  readonly homeDirectory?: string;
  /** Where to keep what servers can do for the next process; left out: it is forgotten with this one. */
  readonly memory?: MemoryPlace;
  /** What the config says now; asked for each connection that brings no settings of its own. Left out: the defaults. */
  readonly settings?: () => Promise<TransportSettings | undefined>;
  /** Left out: SSH remotes are refused. */
  readonly ssh?: SshMeans;
  /** Of all connections together; left out: nothing is limited. */
  readonly bandwidth?: Bandwidth;
};

export type Surroundings = RouteMeans & {
  /** Whether this machine is on a network at all. */
  readonly hasNetwork: () => boolean;
};

const UNKNOWN_SURROUNDINGS: Surroundings = { environment: {}, hasNetwork: () => true };

export function createTransport(options: TransportOptions): Transport {
  const { bandwidth } = options;
  const transport = unlimited(options);
  if (bandwidth === undefined) return transport;
  return {
    open: async (url, openOptions) =>
      bandwidth.over(await transport.open(url, openOptions), openOptions.signal),
  };
}

function unlimited(options: TransportOptions): Transport {
  let servers: KeptServers | undefined;
  return {
    async open(url, openOptions) {
      const parsed = parseRemoteUrl(url);
      switch (parsed.kind) {
        case "http": {
          const { HttpConnection } = await import("./http.ts");
          const { createRoute } = await import("./http-route.ts");
          const { hasNetwork, ...means } = options.surroundings ?? UNKNOWN_SURROUNDINGS;
          servers ??= keptServers(options.memory);
          return new HttpConnection({
            ...openOptions,
            url: parsed,
            credentials: withUrlCredential(parsed, openOptions.credentials ?? options.credentials),
            challenged: servers.challenged,
            memory: servers.memoryOf(parsed.url),
            clock: options.clock,
            deadlines: { ...DEFAULT_DEADLINES, ...options.deadlines },
            version: options.version ?? "0",
            route: createRoute(await settingsOf(options, openOptions), means),
            hasNetwork,
            mostWhole: () => mostWhole(options.bandwidth),
          });
        }
        case "local": {
          const { path } = parsed;
          const home = options.homeDirectory ?? homedir();
          const directory = /^~[\\/]/.test(path) ? join(home, path.slice(2)) : path;
          return new LocalConnection({ ...openOptions, directory, createResponder: options.createResponder });
        }
        case "ssh": {
          const { openSsh } = await import("./ssh/open-ssh.ts");
          return openSsh(parsed, options.ssh, {
            ...openOptions,
            choice: (await settingsOf(options, openOptions)).ssh,
            remote: redactUrl(url),
            clock: options.clock,
            deadlines: { ...DEFAULT_DEADLINES, ...options.deadlines },
          });
        }
      }
    },
  };
}

async function settingsOf(
  { settings }: TransportOptions,
  own: Pick<OpenOptions, "settings">,
): Promise<TransportSettings> {
  return own.settings ?? (await settings?.()) ?? DEFAULT_SETTINGS;
}

/** What goes in one go is as fast as the line is: under a limit that may be half a second's worth only. */
function mostWhole(bandwidth: Bandwidth | undefined): number {
  return Math.min(WHOLE_BODY_LIMIT, (bandwidth?.limits.upload ?? Number.POSITIVE_INFINITY) / 2);
}

/** What the person wrote into the URL counts for its own host, also after the step from http to https. */
function withUrlCredential(
  url: { readonly origin: string; readonly credential: UrlCredential | undefined },
  provider: CredentialProvider,
): CredentialProvider {
  const { credential } = url;
  if (credential === undefined) return provider;
  const upgraded = url.origin.startsWith("http:") ? `https://${new URL(url.origin).hostname}` : url.origin;
  return async (origin, request) => {
    if (origin !== url.origin && origin !== upgraded) return provider(origin, request);
    if (credential.password !== "") return credential;
    const found = await provider(origin, request);
    if (found !== undefined) {
      return "token" in found ? { username: credential.username, password: found.token } : found;
    }
    // `https://<token>@host`: GitHub takes a token as the user name, with any password.
    return { username: credential.username, password: "x-oauth-basic" };
  };
}
