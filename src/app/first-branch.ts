import type { Connection, RemoteListing } from "../git/git.ts";
import { branchOf, branchRef } from "../git/model.ts";
import type { Deps } from "./deps.ts";

/** Of a repository without a remote. */
export const FIRST_BRANCH = branchRef("main");

/** The branch that a new repository of this remote begins with, in full. Closes the connection. */
export async function firstBranch(deps: Pick<Deps, "git">, connection: Connection): Promise<string> {
  try {
    return mainBranchOf(await deps.git.listRemote(connection));
  } finally {
    await connection.close();
  }
}

/** A remote that `git init` made on a machine of other habits has a HEAD that names a branch which nobody ever made. */
function mainBranchOf({ head, refs }: Pick<RemoteListing, "head" | "refs">): string {
  if (head !== undefined && refs.has(head)) return head;
  const branches = [...refs.keys()].filter((name) => branchOf(name) !== undefined);
  const usual = [FIRST_BRANCH, branchRef("master")].find((name) => refs.has(name));
  return usual ?? (branches.length === 1 ? branches[0] : undefined) ?? head ?? FIRST_BRANCH;
}
