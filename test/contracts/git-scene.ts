/** The place of each test of the contract: a new repository with the engine open in it. */
import { beforeEach, expect } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { CheckoutResult, Connection, Git, Repository } from "../../src/git/git.ts";
import type { Signature } from "../../src/git/model.ts";
import type { Head } from "../../src/git/refs/repository-state.ts";
import type { WorkTreeChanges } from "../../src/git/worktree/changes.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

export type GitUnderTest = {
  readonly git: Git;
  connect(url: string): Promise<Connection>;
};

export const { signal } = new AbortController();
export const aborted = AbortSignal.abort();
export const MISSING = "1".repeat(40);

export const author: Signature = {
  name: "Ada",
  email: "ada@example.com",
  seconds: 1_800_000_000,
  offsetMinutes: 60,
};

export type GitScene = {
  readonly git: Git;
  /** The work tree, in which `repository` is open. */
  readonly folder: string;
  readonly repository: Repository;
  readonly write: (path: string, content: string) => void;
  readonly read: (path: string) => string;
  readonly scan: () => WorkTreeChanges;
  /** Undefined when there is nothing to commit. */
  readonly commitAll: (message?: string) => string | undefined;
  /** Writes one file and commits it. */
  readonly committed: (path: string, content: string) => string;
  readonly head: () => Head;
  readonly checkOut: (target: string) => CheckoutResult;
  /** A bare repository with what the folder has, and one more commit that the folder lacks. */
  readonly remoteAhead: () => { readonly url: string; readonly tip: string };
  readonly connected: <Result>(
    url: string,
    use: (connection: Connection) => Promise<Result>,
  ) => Promise<Result>;
};

/** Registers what makes the place of each test anew; the functions always work on the present one. */
export function gitScene(create: () => GitUnderTest): GitScene {
  let tested: GitUnderTest;
  let folder: string;
  let repository: Repository;

  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const scan = () => repository.scan({ signal });
  const commitAll = (message = "all") =>
    repository.commit({ paths: scan().changes.map((change) => change.path), message, author, signal });
  const committed = (path: string, content: string): string => {
    write(path, content);
    return commitAll(`write ${path}`) ?? expect.unreachable();
  };
  const head = () => {
    const state = repository.state();
    return state.kind === "ready" ? state.head : expect.unreachable();
  };
  const checkOut = (target: string) =>
    repository.checkout({ from: head(), target, reason: "contract: move", signal });
  const remoteAhead = (): { readonly url: string; readonly tip: string } => {
    const top = temporaryDirectory();
    const url = join(top, "remote.git");
    git(top, "clone", "-q", "--bare", folder, url);
    git(top, "clone", "-q", url, "clone");
    writeFileSync(join(top, "clone/theirs"), "theirs\n");
    git(join(top, "clone"), "add", ".");
    git(join(top, "clone"), "commit", "-qm", "theirs");
    git(join(top, "clone"), "push", "-q", "origin", "HEAD");
    return { url, tip: git(url, "rev-parse", "main") };
  };
  const connected = async <Result>(
    url: string,
    use: (connection: Connection) => Promise<Result>,
  ): Promise<Result> => {
    const connection = await tested.connect(url);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };

  beforeEach(() => {
    tested = create();
    folder = join(temporaryDirectory(), "work");
    tested.git.init(folder, { bare: false, branch: "main" });
    repository = tested.git.open(folder);
  });

  return {
    get git() {
      return tested.git;
    },
    get folder() {
      return folder;
    },
    get repository() {
      return repository;
    },
    write,
    read,
    scan,
    commitAll,
    committed,
    head,
    checkOut,
    remoteAhead,
    connected,
  };
}
