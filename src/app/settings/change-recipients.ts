import { LullError } from "../../base/errors.ts";
import type { RepoSource, SettingsSource } from "../../config/config.ts";
import type { NewFile, Repository } from "../../git/git.ts";
import { MODE, type Oid, type RepoPath } from "../../git/model.ts";
import { displayPath, repoPath } from "../../git/paths.ts";
import type { DeviceIdentity } from "../../secrets/age/age.ts";
import type { Recipient } from "../../secrets/age/recipient.ts";
import { type Anew, encryptAnew, followAnew } from "../../settings/encrypt-anew.ts";
import { filesAt } from "../../settings/repository-files.ts";
import { authorOf } from "../../sync/author.ts";
import { refuseUnready } from "../../sync/readiness.ts";
import { acquirePatiently } from "../acquire-patiently.ts";
import type { Context, Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import { repoOf } from "../repo-of.ts";
import { fetchFirst } from "./fetch-first.ts";
import { nothingGathered, PATIENCE_MS } from "./managed-repository.ts";
import { settingsNamed } from "./settings-source.ts";
import { RECIPIENTS_FILE, type SourceRecipients, sourceRecipients } from "./source-recipients.ts";

export type RecipientsOf = SourceRecipients & {
  readonly own: DeviceIdentity;
  readonly source: string;
  readonly device: string;
  /** Wall time in milliseconds. */
  readonly now: number;
};

export type RecipientChange = {
  /** `anew`: it was in use already, and everything is encrypted once more. */
  readonly kind: "accepted" | "added" | "returned" | "anew" | "removed";
  readonly recipient: Pick<Recipient, "key" | "name" | "kind">;
  readonly list: SourceRecipients["list"];
  readonly accepted: SourceRecipients["accepted"];
};

export type ChangedRecipients = Pick<RecipientChange, "kind" | "recipient"> & {
  readonly source: string;
  /** For how many the files are encrypted now. */
  readonly recipients: number;
  /** In the list and not accepted here: what another device has encrypted for them, they can not read any more. */
  readonly waiting: readonly Pick<Recipient, "key" | "name">[];
  /** Names in the repository of what was encrypted anew, or would be. */
  readonly files: readonly string[];
  /** Still encrypted for those of before, and why. */
  readonly left: Anew["left"];
  /** Why what other devices have could not be fetched first; undefined: it was. */
  readonly notFetched: string | undefined;
  readonly dryRun: boolean;
};

export type ChangeRecipientsInput = {
  readonly name: string;
  /** Pure: how the list becomes another one. */
  readonly change: (recipients: RecipientsOf) => RecipientChange;
  /** False: it was fetched a moment ago. */
  readonly fetch: boolean;
  readonly dryRun: boolean;
};

/**
 * Changes for whom a source is encrypted, and encrypts its files anew, in one commit that the next sync sends. What other
 * devices have is fetched first, or an older content would be encrypted beside a newer one.
 * @throws LullError `NO_SETTINGS`, `NO_IDENTITY`, `NOTHING_GATHERED` (kind `usage`), `UNREADABLE_HERE` (kind `auth`),
 * `CHECKOUT_BLOCKED` (kind `conflict`), those of `change`, of `sourceRecipients` and of a repository that is not ready,
 * `SOURCE_LOCKED`
 */
export async function changeRecipients(
  deps: Deps,
  input: ChangeRecipientsInput,
  context: Context,
): Promise<ChangedRecipients> {
  const { config } = await deps.config.load();
  const source = settingsNamed(config.sources, input.name);
  const { device } = config;
  const notFetched = input.fetch ? await fetched(deps, source, device, context) : undefined;
  using _lock = await acquirePatiently(deps, { source, patienceMs: PATIENCE_MS }, context);
  const repo = repoOf(deps, source);
  if (repo === undefined || deps.git.inspect(repo.directory).kind === "missing")
    throw nothingGathered(source);
  const { branch } = refuseUnready(deps.git.inspect(repo.directory), repo);
  const repository = deps.git.open(repo.directory, { sign: repo.sign });
  try {
    if (!input.dryRun) repository.finishCheckout();
    const tip = repository.readRef(branch);
    if (tip === undefined) throw nothingGathered(source);
    const managed = { source, repo, repository, device, branch, tip };
    return { ...(await perform(deps, managed, input, context)), notFetched };
  } finally {
    repository.close();
  }
}

type Managed = {
  readonly source: SettingsSource;
  readonly repo: RepoSource;
  readonly repository: Repository;
  readonly device: string;
  readonly branch: string;
  readonly tip: Oid;
};

async function perform(
  deps: Deps,
  managed: Managed,
  { change: changed, dryRun }: ChangeRecipientsInput,
  { signal }: Context,
): Promise<ChangedRecipients> {
  const { source, repo, repository, device, tip } = managed;
  const before = await sourceRecipients(deps, { source: source.name, directory: repo.directory });
  const { age, own } = before;
  if (own === undefined) throw noIdentity(source);
  const change = changed({ ...before, own, source: source.name, device, now: deps.clock.now() });
  const { use, waiting: unaccepted } = age.accepted.compare(change.list.recipients, change.accepted);
  const keys = use.map(({ key }) => key);
  const cipher = age.openCipher();
  const anew = await encryptAnew({
    versions: filesAt(repository, tip).versions,
    readBlob: (oid) => repository.readBlob(oid),
    cipher: {
      encrypt: (plain) => cipher.encrypt(plain, keys, signal),
      decrypt: (sealed) => cipher.decrypt(sealed, signal),
    },
    signal,
  });
  if (change.kind === "returned" && anew.files.size === 0 && anew.left.length > 0)
    throw unreadableHere(source, own);
  if (!dryRun) {
    // First what this device holds: cut off after it, nothing more is encrypted for one that was taken off.
    age.accepted.write(source.name, change.accepted);
    const text = change.list === before.list ? undefined : age.recipients.format(change.list);
    bringIn(deps, managed, { change, anew, text, signal });
  }
  const { kind, recipient } = change;
  const files = [...anew.files.keys()].map(displayPath);
  const recipients = keys.length;
  const waiting = unaccepted.map(({ key, name }) => ({ key, name }));
  const done = { source: source.name, kind, recipient, recipients, waiting, files, left: anew.left };
  return { ...done, notFetched: undefined, dryRun };
}

type Bringing = {
  readonly change: RecipientChange;
  readonly anew: Anew;
  /** The new list; undefined: it is as it was. */
  readonly text: string | undefined;
  readonly signal: AbortSignal;
};

/** As a resolved conflict goes in: cut off at any moment, the next sync finishes it or finds nothing done. */
function bringIn(
  deps: Deps,
  { source, repository, device, branch, tip }: Managed,
  { change, anew, text, signal }: Bringing,
): void {
  const { kind, recipient } = change;
  const edits = new Map<RepoPath, NewFile>(anew.files);
  if (text !== undefined) edits.set(repoPath(RECIPIENTS_FILE), { mode: MODE.file, bytes: Buffer.from(text) });
  if (edits.size === 0) return;
  const message = `Encrypt anew: ${recipient.name} ${WORDS[kind]}\n\n${recipient.key}\n`;
  const author = authorOf({ repository, deps: { ...deps, device } });
  const target = repository.editCommit({ parent: tip, edits, message, author });
  const reason = "lull: encrypt for other recipients";
  const result = repository.checkout({ from: { branch, commit: tip }, target, reason, signal });
  if (result.kind === "blocked") throw blocked(source, result.paths[0]);
  followAnew(repository.gitDirectory, anew);
  const detail = { change: kind, key: recipient.key, name: recipient.name, files: anew.files.size };
  noteChange(deps, { action: "secret recipients", source: source.name, detail });
}

const WORDS = {
  accepted: "was accepted",
  added: "was added",
  returned: "is back",
  anew: "stays",
  removed: "was taken off",
} as const satisfies Record<RecipientChange["kind"], string>;

/** Somebody has to be taken off also when the remote is away. */
async function fetched(
  deps: Deps,
  source: SettingsSource,
  device: string,
  context: Context,
): Promise<string | undefined> {
  try {
    await fetchFirst(deps, source, device, context);
    return undefined;
  } catch (error) {
    if (error instanceof LullError && error.kind !== "interrupted") return error.message;
    throw error;
  }
}

function blocked(
  { name }: SettingsSource,
  first: { readonly path: RepoPath; readonly reason: string } | undefined,
): LullError {
  return new LullError({
    kind: "conflict",
    code: "CHECKOUT_BLOCKED",
    message: `${displayPath(first?.path ?? "")} in the managed repository can not be updated: ${first?.reason ?? "it changed meanwhile"}`,
    causes: ["it is in no commit yet", "it is write-protected"],
    hint: `lull sync ${name} commits what lies there; then run the command again`,
  });
}

function noIdentity({ name }: SettingsSource): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_IDENTITY",
    message: `this device has no key, so that it can not encrypt the files of "${name}" anew`,
    causes: ["`lull secret init` was never run here"],
    hint: "on the first device run `lull secret init`; on any other `lull secret recover` takes the recovery key",
  });
}

function unreadableHere({ name }: SettingsSource, { key }: DeviceIdentity): LullError {
  return new LullError({
    kind: "auth",
    code: "UNREADABLE_HERE",
    message: `this device can read none of the encrypted files of "${name}" any more, and so can not take itself back`,
    causes: ["they were encrypted anew for the others when it was taken off"],
    hint: `on a device that reads them: lull secret recipients add ${name} ${key}; or here, with the recovery key: lull secret recover`,
    data: { source: name, key },
  });
}
