/**
 * Devices as they say of themselves in the remotes of sources: listing, renaming, forgetting. The remotes hold the
 * truth; this machine keeps what they had last.
 */
import { LullError } from "../../base/errors.ts";
import type { RemoteConfig, RepoSource } from "../../config/config.ts";
import type { Connection, RecordLine, Repository } from "../../git/git.ts";
import { type DeviceRecord, readDevice } from "../../sync/devices/device-record.ts";
import { trackingName } from "../../sync/tracking-name.ts";
import type { Context, Deps } from "../deps.ts";
import { findRepos } from "../repo-of.ts";
import { openOptionsOf } from "../source-credentials.ts";

export type DeviceView = {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly version: string;
  /** Milliseconds since 1970 UTC; to the day. */
  readonly lastSyncAt: number;
  /** Names of the sources in which it takes part. */
  readonly sources: readonly string[];
  readonly isThis: boolean;
};

export type DeviceList = {
  /** This one first, then by their last sync. */
  readonly devices: readonly DeviceView[];
  /** What could not be asked; of these remotes the last known list counts. */
  readonly warnings: readonly string[];
};

export type ListDevicesInput = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  /** Look at this machine only. */
  readonly offline: boolean;
};

/** Tells which devices take part in sources, as they say of themselves in the remotes. */
export async function listDevices(
  deps: Deps,
  input: ListDevicesInput,
  context: Context,
): Promise<DeviceList> {
  const warnings: string[] = [];
  const found = new Map<string, DeviceView>();
  await eachRemote(deps, input.names, async ({ source, repository, remote, tracking, connect }) => {
    if (!input.offline) {
      try {
        const connection = await connect(context.signal);
        await repository.fetchRecords({ connection, remote: tracking, signal: context.signal });
      } catch (error) {
        if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
        warnings.push(`${source.name}, ${remote.name}: ${error.message}`);
      }
    }
    for (const [id, line] of repository.records(tracking)) {
      const device = readDevice(line.message);
      if (device === undefined || device.forgotten) continue;
      found.set(id, joined(found.get(id), viewOf(deps, { id, device, line, source: source.name })));
    }
  });
  const order = (device: DeviceView): number =>
    device.isThis ? Number.POSITIVE_INFINITY : device.lastSyncAt;
  return { devices: [...found.values()].sort((a, b) => order(b) - order(a)), warnings };
}

export type RemoteOfSource = {
  readonly source: RepoSource;
  readonly repository: Repository;
  readonly remote: RemoteConfig;
  /** The name under which the repository keeps what the remote has. */
  readonly tracking: string;
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
};

/** Visits each remote of sources whose repository is there; connections end with the visit. */
export async function eachRemote(
  deps: Deps,
  names: readonly string[],
  visit: (place: RemoteOfSource) => Promise<void>,
): Promise<void> {
  const { config } = await deps.config.load();
  const sources = findRepos(deps, config, names);
  for (const source of sources) {
    const state = deps.git.inspect(source.directory).kind;
    if (state !== "ready" && state !== "busy") continue;
    const repository = deps.git.open(source.directory);
    try {
      for (const remote of source.remotes) {
        await using connections = new AsyncDisposableStack();
        await visit({
          source,
          repository,
          remote,
          tracking: trackingName(remote, repository.remotes()),
          connect: async (signal) => {
            const options = openOptionsOf(deps, source);
            const connection = await deps.transport.open(remote.url, { signal, ...options });
            connections.defer(() => connection.close());
            return connection;
          },
        });
      }
    } finally {
      repository.close();
    }
  }
}

type Seen = {
  readonly id: string;
  readonly device: DeviceRecord;
  readonly line: RecordLine;
  readonly source: string;
};

function viewOf(deps: Deps, { id, device, line, source }: Seen): DeviceView {
  const { name, system, version } = device;
  const isThis = id === deps.registration.id;
  return { id, name, system, version, lastSyncAt: line.at, sources: [source], isThis };
}

/** The younger word counts. */
function joined(known: DeviceView | undefined, seen: DeviceView): DeviceView {
  if (known === undefined) return seen;
  const newer = known.lastSyncAt > seen.lastSyncAt ? known : seen;
  return { ...newer, sources: [...new Set([...known.sources, ...seen.sources])] };
}
