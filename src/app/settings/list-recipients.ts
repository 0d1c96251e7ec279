import type { SettingsSource } from "../../config/config.ts";
import type { DeviceIdentity } from "../../secrets/age/age.ts";
import type { Recipient } from "../../secrets/age/recipient.ts";
import type { Deps } from "../deps.ts";
import { repoOf } from "../repo-of.ts";
import { settingsNamed } from "./settings-source.ts";
import { type SourceRecipients, sourceRecipients, withOwn } from "./source-recipients.ts";

export type ListedRecipient = Pick<Recipient, "key" | "name" | "kind"> & {
  /** `2026-03-02`, UTC. */
  readonly added: string;
  /**
   * `used`: what this device encrypts is encrypted for it. `waiting`: not before somebody here accepts it. `new`: this
   * device's own, which goes into the list with the next sync that encrypts. `removed`: taken off.
   */
  readonly state: "used" | "waiting" | "new" | "removed";
  /** The day on which it was taken off; left out where the list does not say it. */
  readonly removed?: string | undefined;
  /** Left out: it is another's. */
  readonly isOwn?: "device" | "recovery" | undefined;
};

export type RecipientsOfSource = {
  readonly source: string;
  readonly recipients: readonly ListedRecipient[];
  /** False: this device has no key. */
  readonly hasIdentity: boolean;
  /** What of this device was taken off, so that nothing is encrypted here. */
  readonly shutOut: SourceRecipients["shutOut"];
};

/**
 * Who the encrypted files of settings sources are for, as the managed repositories lie here. No keychain and no remote is
 * asked.
 * @param name undefined: all settings sources
 * @throws LullError `NO_SETTINGS` (kind `usage`), those of `sourceRecipients`
 */
export async function listRecipients(
  deps: Deps,
  { name }: { readonly name: string | undefined },
): Promise<readonly RecipientsOfSource[]> {
  const { config } = await deps.config.load();
  const all = config.sources.filter((source) => source.kind === "settings");
  const sources = name === undefined && all.length > 0 ? all : [settingsNamed(config.sources, name)];
  const listed: RecipientsOfSource[] = [];
  for (const source of sources) listed.push(await recipientsOf(deps, source, config.device));
  return listed;
}

async function recipientsOf(deps: Deps, source: SettingsSource, device: string): Promise<RecipientsOfSource> {
  const directory = repoOf(deps, source)?.directory ?? "";
  const found = await sourceRecipients(deps, { source: source.name, directory });
  const { own, shutOut } = found;
  const joined =
    own === undefined || shutOut !== undefined
      ? found
      : { ...found, ...withOwn({ ...found, own }, { device, now: deps.clock.now() }) };
  return {
    source: source.name,
    recipients: [...inList(joined, found.list), ...takenOff(found)].map((one) => ({
      ...one,
      isOwn: ownership(own, one.key),
    })),
    hasIdentity: own !== undefined,
    shutOut,
  };
}

/** @param before the list as it lies there */
function inList(
  { list, accepted }: SourceRecipients,
  before: SourceRecipients["list"],
): readonly ListedRecipient[] {
  const isListed = new Set(before.recipients.map(({ key }) => key));
  const isAccepted = new Set(accepted.map(({ key }) => key));
  return list.recipients.map(({ key, name, kind, added }) => {
    const state = !isListed.has(key) ? "new" : isAccepted.has(key) ? "used" : "waiting";
    return { key, name, kind, added, state };
  });
}

function takenOff({ list, gone }: SourceRecipients): readonly ListedRecipient[] {
  const hasLine = new Set(list.removed.map(({ key }) => key));
  // Without a line that says so: somebody has cut it out.
  const others = gone
    .filter(({ key }) => !hasLine.has(key))
    .map(({ key, name, kind, acceptedAt }) => {
      const added = new Date(acceptedAt).toISOString().slice(0, 10);
      return { key, name, kind, added, removed: undefined };
    });
  return [...list.removed, ...others].map(({ key, name, kind, added, removed }) => ({
    key,
    name,
    kind,
    added,
    state: "removed" as const,
    removed,
  }));
}

function ownership(own: DeviceIdentity | undefined, key: string): ListedRecipient["isOwn"] {
  return key === own?.key ? "device" : key === own?.recoveryKey ? "recovery" : undefined;
}
