/** One remote during one run: its connection, what was seen, received and sent, and what went wrong. */
import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { RemoteConfig } from "../config/config.ts";
import type { Connection, RemoteListing } from "../git/git.ts";
import { type Oid, shortRef } from "../git/model.ts";
import { trackingName } from "./tracking-name.ts";
import { toRunError } from "./run-error.ts";
import type { RemoteResult } from "./outcome.ts";
import type { RunContext } from "./run-context.ts";

type EarlyListing = { readonly answer: Promise<RemoteListing>; readonly since: number };

/** As long as another device's push may go unnoticed before the fetch; the push finds out in any case. */
const FRESH_MS = 5000;

export class RemoteSession {
  readonly name: string;
  received = 0;
  sent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  /** The remote has commits that were not fetched yet; set by `preview` only. */
  moved = false;
  error: LullError | undefined;
  /** Set when the remote moved or the folder changed: the whole round has to be done again. */
  again = false;
  readonly #context: RunContext;
  readonly #url: string;
  readonly #tracking: string;
  #connection: Promise<Connection> | undefined;
  #early: EarlyListing | undefined;
  #seen: Oid | undefined;

  constructor(context: RunContext, remote: RemoteConfig) {
    this.name = remote.name;
    this.#context = context;
    this.#url = remote.url;
    this.#tracking = trackingName(remote, context.repository.remotes());
  }

  /** Asks for the remote's branches without waiting, so that the answer is on its way while the folder is looked at. */
  lookAhead(): void {
    const { deps } = this.#context;
    const answer = this.#connect().then((connection) => deps.git.listRemote(connection));
    // Who waits for it hears of the error; nobody may, when the scan fails first.
    answer.catch(() => {});
    this.#early = { answer, since: deps.clock.monotonic() };
  }

  /** Runs one step; an error is kept, so that one failing remote does not stop the others. */
  async attempt(step: "fetch" | "push", run: () => Promise<void>): Promise<void> {
    try {
      this.#context.recorder.step(step, redactUrl(this.#url));
      await run();
    } catch (error) {
      if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
      if (isLocalFault(error)) throw error;
      this.error = error.with({ remote: this.name, url: redactUrl(this.#url) });
    }
  }

  /** Returns the remote's commit of this branch, or undefined when it has none. */
  async fetch(): Promise<Oid | undefined> {
    const { repository, branch, options, source } = this.#context;
    const connection = await this.#connect();
    const result = await repository.fetch({
      connection,
      listed: await this.#takeEarly(),
      remote: this.#tracking,
      signal: options.signal,
      onProgress: (step, done, total, unit) =>
        options.onEvent?.({ kind: "progress", source: source.name, step, done, total, unit }),
    });
    this.bytesReceived += result.bytes;
    this.#seen = result.refs.get(branch);
    return this.#seen;
  }

  /** Only looks, for a dry run: what would come and go, as far as it can be told without fetching. */
  async preview(): Promise<void> {
    const { repository, branch, deps, recorder } = this.#context;
    const listed = (await this.#takeEarly()) ?? (await deps.git.listRemote(await this.#connect()));
    const theirs = listed.refs.get(branch);
    const ours = repository.readRef(branch);
    this.moved = theirs !== undefined && !repository.has(theirs);
    // What is not here can not be counted; then the last known state of the remote has to do.
    const short = shortRef(branch);
    this.#seen = this.moved ? repository.readRef(`refs/remotes/${this.#tracking}/${short}`) : theirs;
    if (ours !== undefined && ours !== this.#seen) this.sent = this.#countAhead(ours);
    if (ours !== undefined && this.#seen !== undefined) this.received = this.#countBehind(ours, this.#seen);
    if (recorder.wouldCommit) this.sent += 1;
  }

  async push(): Promise<void> {
    const { repository, branch, options, source } = this.#context;
    const commit = repository.readRef(branch);
    if (commit === undefined || commit === this.#seen) return;
    const ahead = this.#countAhead(commit);
    const result = await repository.push({
      connection: await this.#connect(),
      remote: this.#tracking,
      ref: branch,
      commit,
      signal: options.signal,
      onProgress: (step, done, total, unit) =>
        options.onEvent?.({ kind: "progress", source: source.name, step, done, total, unit }),
    });
    if (result.kind === "behind") this.again = true;
    if (result.kind !== "pushed") return;
    this.sent += ahead;
    this.bytesSent += result.bytes;
  }

  /** Returns whether another round is due, and forgets it. */
  takeAgain(): boolean {
    const again = this.again;
    this.again = false;
    return again;
  }

  result(): RemoteResult {
    return {
      name: this.name,
      url: redactUrl(this.#url),
      received: this.received,
      sent: this.sent,
      bytesReceived: this.bytesReceived,
      bytesSent: this.bytesSent,
      moved: this.moved,
      error: this.error === undefined ? undefined : toRunError(this.error),
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
    this.#connection ??= this.#context.deps.connect(this.#url, this.#context.options.signal);
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  #countAhead(commit: Oid): number {
    const { repository } = this.#context;
    if (this.#seen === undefined) return repository.countCommits(commit);
    const relation = repository.relate(commit, this.#seen);
    return relation.kind === "ahead" ? relation.commits : "ahead" in relation ? relation.ahead : 0;
  }

  #countBehind(ours: Oid, theirs: Oid): number {
    const relation = this.#context.repository.relate(ours, theirs);
    return relation.kind === "behind" ? relation.commits : "behind" in relation ? relation.behind : 0;
  }
}

export function openRemotes(context: RunContext): readonly RemoteSession[] {
  const sessions = context.source.remotes.map((remote) => new RemoteSession(context, remote));
  context.recorder.remotes = sessions;
  return sessions;
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
    ].includes(error.code) || error.kind === "locked"
  );
}
