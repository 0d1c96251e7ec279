/** One remote during one run: its connection, what was seen, received and sent, and what went wrong. */
import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { RemoteConfig } from "../config/config.ts";
import type { Connection, RemoteListing } from "../git/git.ts";
import { branchOf, type Oid, shortRef } from "../git/model.ts";
import { registerDevice } from "./devices/register-device.ts";
import { relationCounts } from "./relation-counts.ts";
import { trackingName } from "./tracking-name.ts";
import { toRunError } from "./run-error.ts";
import type { RemoteResult } from "./outcome.ts";
import type { RunContext } from "./run-context.ts";
import type { SharedProgress } from "./shared-progress.ts";

export type SessionInput = {
  readonly remote: RemoteConfig;
  /** Ends every step. */
  readonly signal: AbortSignal;
  readonly progress: SharedProgress;
  /** Other remotes of this run are at work meanwhile. */
  readonly isBesideOthers: boolean;
};

type EarlyListing = { readonly answer: Promise<RemoteListing>; readonly since: number };

/** As long as another device's push may go unnoticed before the fetch; the push finds out in any case. */
const FRESH_MS = 5000;
const LONGEST_ASKING_MS = 50;

export class RemoteSession {
  readonly name: string;
  received = 0;
  sent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  /** The remote has commits that were not fetched yet; set by `preview` only. */
  moved = false;
  /** Commits that the source's direction holds back: there with `push`, here with `pull`. */
  kept: RemoteResult["kept"];
  error: LullError | undefined;
  readonly #context: RunContext;
  readonly #input: SessionInput;
  readonly #url: string;
  readonly #tracking: string;
  #connection: Promise<Connection> | undefined;
  #early: EarlyListing | undefined;
  #refs: ReadonlyMap<string, Oid> = new Map();
  #seen: Oid | undefined;
  #isFetched = false;
  /** The last push found that the remote had moved. */
  #isBehind = false;

  constructor(context: RunContext, input: SessionInput) {
    const { remote } = input;
    this.name = remote.name;
    this.#context = context;
    this.#input = input;
    this.#url = remote.url;
    this.#tracking = trackingName(remote, context.repository.remotes());
  }

  /** Without credentials. */
  get shownUrl(): string {
    return redactUrl(this.#url);
  }

  /** The remote's commit of this branch, as last fetched; undefined when it has none. */
  get seen(): Oid | undefined {
    return this.#seen;
  }

  /** The remote's commit of any branch, as last fetched or asked for. */
  seenOf(ref: string): Oid | undefined {
    return this.#refs.get(ref);
  }

  /** Full names of all its branches, as last fetched. */
  get branches(): readonly string[] {
    return [...this.#refs.keys()].filter((name) => branchOf(name) !== undefined);
  }

  /** A fetch has ended well, and nobody has taken notice yet. */
  get isFetched(): boolean {
    return this.#isFetched;
  }

  /**
   * Asks for the remote's branches, so that the answer is on its way while the folder is looked at. Waits for the
   * question to go out, not for the answer, and not for long: a program may have to be asked for a password first.
   */
  async lookAhead(): Promise<void> {
    const { deps } = this.#context;
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const answer = this.#connect().then((connection) => deps.git.listRemote(connection, { onAsked }));
    this.#early = { answer, since: deps.clock.monotonic() };
    // Who waits for it hears of the error; nobody may, when the scan fails first.
    answer.catch(() => onAsked());
    const timer = setTimeout(onAsked, LONGEST_ASKING_MS);
    await asked;
    clearTimeout(timer);
    // What was handed over goes out in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs one step; an error is kept, so that one failing remote does not stop the others. */
  async attempt(run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
      if (isLocalFault(error)) throw error;
      this.error = error.with({ remote: this.name, url: this.shownUrl });
    }
  }

  /** @param inTurn awaited before any ref moves */
  async fetch(inTurn: () => Promise<void>): Promise<void> {
    const { repository, branch } = this.#context;
    const connection = await this.#connect();
    const result = await repository.fetch({
      connection,
      listed: await this.#takeEarly(),
      remote: this.#tracking,
      signal: this.#input.signal,
      onProgress: this.#input.progress.begin(this.name),
      beforeRefs: inTurn,
    });
    this.bytesReceived += result.bytes;
    this.#refs = result.refs;
    this.#seen = result.refs.get(branch);
    this.#isFetched = true;
  }

  /** Only looks, for a dry run: what would come and go, as far as it can be told without fetching. */
  async preview(): Promise<void> {
    const { repository, branch, deps, recorder, source, isChosen } = this.#context;
    const listed = (await this.#takeEarly()) ?? (await deps.git.listRemote(await this.#connect()));
    this.#refs = listed.refs;
    if (!isChosen) return;
    const theirs = listed.refs.get(branch);
    const ours = repository.readRef(branch);
    this.moved = theirs !== undefined && !repository.has(theirs);
    // What is not here can not be counted; then the last known state of the remote has to do.
    const short = shortRef(branch);
    this.#seen = this.moved ? repository.readRef(`refs/remotes/${this.#tracking}/${short}`) : theirs;
    if (ours !== undefined && ours !== this.#seen) this.sent = this.countAhead(ours);
    if (ours !== undefined && this.#seen !== undefined)
      this.received = relationCounts(repository.relate(ours, this.#seen)).behind;
    if (recorder.wouldCommit) this.sent += 1;
    if (source.direction === "pull") this.sent = 0;
    if (source.direction !== "push") return;
    this.received = 0;
    this.moved = false;
  }

  /** With `direction: pull`, in the place of a push: only counts what is here. */
  keepHere(): void {
    const commit = this.#context.repository.readRef(this.#context.branch);
    const commits = commit === undefined || commit === this.#seen ? 0 : this.countAhead(commit);
    this.kept = commits === 0 ? undefined : { commits, where: "here" };
  }

  async push(): Promise<void> {
    const { repository, branch } = this.#context;
    const commit = repository.readRef(branch);
    if (commit === undefined || commit === this.#seen || this.kept !== undefined) return;
    await this.pushRef(branch, commit);
  }

  /** Returns how many commits went; undefined: the remote is ahead. */
  async pushRef(ref: string, commit: Oid): Promise<number | undefined> {
    const { repository } = this.#context;
    const ahead = this.countAhead(commit, ref);
    const result = await repository.push({
      connection: await this.#connect(),
      remote: this.#tracking,
      ref,
      commit,
      signal: this.#input.signal,
      onProgress: this.#input.progress.begin(this.name),
      isBesideOthers: this.#input.isBesideOthers,
    });
    if (result.kind === "behind") this.#isBehind = true;
    if (result.kind !== "pushed") return undefined;
    this.sent += ahead;
    this.bytesSent += result.bytes;
    return ahead;
  }

  /**
   * How many commits the remote lacks, as last fetched or asked for.
   * @param ref another branch than the run's
   */
  countAhead(commit: Oid, ref?: string): number {
    const { repository, branch } = this.#context;
    // Of a new branch the remote has most already: what its history shares with the run's.
    const seen = (ref === undefined || ref === branch ? undefined : this.#refs.get(ref)) ?? this.#seen;
    if (seen === undefined) return repository.countCommits(commit);
    return relationCounts(repository.relate(commit, seen)).ahead;
  }

  /** Makes this device known in the remote, now and then. */
  async register(): Promise<void> {
    const { repository, branch } = this.#context;
    if (this.error !== undefined || repository.readRef(branch) === undefined) return;
    const { signal } = this.#input;
    await registerDevice(this.#context, { remote: this.#tracking, connect: () => this.#connect(), signal });
  }

  /** Returns whether a fetch has ended well since the last time. */
  takeFetched(): boolean {
    const isFetched = this.#isFetched;
    this.#isFetched = false;
    return isFetched;
  }

  /** Returns whether the last push found that the remote had moved, and forgets it. */
  takeBehind(): boolean {
    const isBehind = this.#isBehind;
    this.#isBehind = false;
    return isBehind;
  }

  result(): RemoteResult {
    return {
      name: this.name,
      url: this.shownUrl,
      received: this.received,
      sent: this.sent,
      bytesReceived: this.bytesReceived,
      bytesSent: this.bytesSent,
      moved: this.moved,
      ...(this.kept === undefined ? {} : { kept: this.kept }),
      error: this.error === undefined ? undefined : toRunError(this.error, this.#context.source.name),
    };
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
    await this.#early?.answer.catch(() => {});
  }

  /** Returns what `lookAhead` brought, once; undefined when a long commit lies in between and it may be out of date. */
  async #takeEarly(): Promise<RemoteListing | undefined> {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined) return undefined;
    const age = this.#context.deps.clock.monotonic() - early.since;
    const listed = await early.answer;
    return age <= FRESH_MS ? listed : undefined;
  }

  async #connect(): Promise<Connection> {
    this.#connection ??= this.#context.deps.connect(this.#url, this.#input.signal);
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}

/** Trouble of this machine or this folder, not of the remote: no other remote would fare better. */
function isLocalFault(error: LullError): boolean {
  return (
    [
      "REF_CHANGED",
      "REPOSITORY_BUSY",
      "ENOSPC",
      "EDQUOT",
      "EROFS",
      "EIO",
      "EMFILE",
      "ENFILE",
      "EACCES",
      "EPERM",
    ].includes(error.code) ||
    error.kind === "locked" ||
    // The source waits for a person, with all its remotes.
    error.kind === "guard"
  );
}
