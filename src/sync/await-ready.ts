import { sleep } from "../base/sleep.ts";
import type { RepoSource } from "../config/config.ts";
import type { Git } from "../git/git.ts";
import type { Head } from "../git/refs/repository-state.ts";
import { refuseUnready } from "./readiness.ts";

/** 350 ms between the first look and the last: the person's `git add` or `git status` has long ended by then. */
const LOOKS = 8;
const PAUSE_MS = 50;

/**
 * Looks at the repository, and again for a moment while another git command holds a lock that is as fresh as its
 * commands are short; one that is older, or a rebase or merge of the person, is not waited for.
 * @throws LullError as `refuseUnready`, and `INTERRUPTED`
 */
export async function awaitReady(git: Git, source: RepoSource, signal: AbortSignal): Promise<Head> {
  for (let look = 1; ; look++) {
    const state = git.inspect(source.directory);
    if (state.kind !== "busy" || state.isBrief !== true || look === LOOKS)
      return refuseUnready(state, source);
    await sleep(PAUSE_MS, signal);
  }
}
