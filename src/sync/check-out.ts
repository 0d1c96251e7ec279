import { displayPath } from "../git/paths.ts";
import type { CheckoutResult } from "../git/git.ts";
import type { FileVersion, Oid, RepoPath } from "../git/model.ts";
import type { RunContext } from "./run-context.ts";
import { takeSavepointOnce } from "./savepoint-once.ts";
import { noteSetAside, setAside } from "./set-aside.ts";

type Move = {
  readonly from: Oid | undefined;
  readonly target: Oid;
  readonly reason: string;
  /** Whose news it is; undefined: a person wants it. */
  readonly remote: string | undefined;
};

/** Returns false when a file changed in the meantime; then the branch has not moved, and the recorder knows what held it back. */
export function checkOut(context: RunContext, { from, target, reason, remote }: Move): boolean {
  const { repository, branch, recorder, options, source, guards } = context;
  const allowed = remote === undefined ? 0 : guards.beforeCheckout(from, target, remote);
  takeSavepointOnce(context);
  recorder.step(
    "checkout",
    allowed === 0 ? reason : `${reason}, ${allowed} deletions allowed where they were made`,
  );
  recorder.blocked = [];
  const attempt = (keptAside?: ReadonlyMap<RepoPath, FileVersion>): CheckoutResult =>
    repository.checkout({
      from: { branch, commit: from },
      target,
      keptAside,
      reason,
      signal: options.signal,
      onProgress: (step, done, total) =>
        options.onEvent?.({ kind: "progress", source: source.name, step, done, total }),
    });
  let result = attempt();
  const aside = result.kind === "blocked" ? setAside(context, result.paths, target) : [];
  if (aside.length > 0) result = attempt(new Map(aside.map(({ path, version }) => [path, version])));
  if (result.kind === "done") {
    recorder.filesWritten += result.written;
    recorder.filesRemoved += result.removed;
    guards.checkedOut();
    noteSetAside(context, aside);
    return true;
  }
  const first = result.paths[0];
  if (first !== undefined) recorder.step("checkout", `held back: ${displayPath(first.path)} ${first.reason}`);
  recorder.blockedAt = from;
  recorder.blocked = result.paths.map((entry) => ({ path: displayPath(entry.path), reason: entry.reason }));
  return false;
}
