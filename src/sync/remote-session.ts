/** One remote during one run: its connection, what was seen, received and sent, and what went wrong. */
import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { RemoteConfig } from "../config/config.ts";
import type { Connection } from "../git/git.ts";
import type { Oid } from "../git/model.ts";
import { toRunError } from "./run-error.ts";
import type { RemoteResult } from "./outcome.ts";
import type { RunContext } from "./run-context.ts";

export class RemoteSession {
  readonly name: string;
  received = 0;
  sent = 0;
  error: LullError | undefined;
  /** Set when the remote moved or the folder changed: the whole round has to be done again. */
  again = false;
  readonly #context: RunContext;
  readonly #url: string;
  #connection: Connection | undefined;
  #seen: Oid | undefined;

  constructor(context: RunContext, remote: RemoteConfig) {
    this.name = remote.name;
    this.#context = context;
    this.#url = remote.url;
  }

  /** Runs one step; an error is kept, so that one failing remote does not stop the others. */
  async attempt(step: "fetch" | "push", run: () => Promise<void>): Promise<void> {
    try {
      this.#context.recorder.step(step, redactUrl(this.#url));
      await run();
      if (step === "fetch") this.error = undefined;
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
    if (options.dryRun) {
      const listed = await this.#context.deps.git.listRemote(connection);
      this.#seen = listed.refs.get(branch);
      return undefined;
    }
    const result = await repository.fetch({
      connection,
      remote: this.name,
      signal: options.signal,
      onProgress: (step, done, total) =>
        options.onEvent?.({ kind: "progress", source: source.name, step, done, total }),
    });
    this.#seen = result.refs.get(branch);
    return this.#seen;
  }

  async push(): Promise<void> {
    const { repository, branch, options, source } = this.#context;
    const commit = repository.readRef(branch);
    if (commit === undefined || commit === this.#seen) return;
    const ahead = this.#countAhead(commit);
    if (options.dryRun) {
      this.sent = ahead;
      return;
    }
    const result = await repository.push({
      connection: await this.#connect(),
      remote: this.name,
      ref: branch,
      commit,
      signal: options.signal,
      onProgress: (step, done, total) =>
        options.onEvent?.({ kind: "progress", source: source.name, step, done, total }),
    });
    if (result.kind === "behind") this.again = true;
    if (result.kind === "pushed") this.sent += ahead;
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
      error: this.error === undefined ? undefined : toRunError(this.error),
    };
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #connect(): Promise<Connection> {
    this.#connection ??= await this.#context.deps.connect(this.#url, this.#context.options.signal);
    return this.#connection;
  }

  #countAhead(commit: Oid): number {
    const { repository } = this.#context;
    if (this.#seen === undefined) return repository.countCommits(commit);
    const relation = repository.relate(commit, this.#seen);
    return relation.kind === "ahead" ? relation.commits : "ahead" in relation ? relation.ahead : 0;
  }
}

export function openRemotes(context: RunContext): readonly RemoteSession[] {
  const sessions = context.source.remotes.map((remote) => new RemoteSession(context, remote));
  context.recorder.remotes = sessions;
  return sessions;
}

/** Trouble of this machine, not of the remote: no other remote would fare better. */
function isLocalFault(error: LullError): boolean {
  return (
    ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "EACCES", "EPERM"].includes(error.code) ||
    error.kind === "locked"
  );
}
