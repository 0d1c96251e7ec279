import type { Relation } from "../git/git.ts";

/** How many commits each side of a relation has that the other one lacks. */
export function relationCounts(relation: Relation): { readonly ahead: number; readonly behind: number } {
  switch (relation.kind) {
    case "same":
      return { ahead: 0, behind: 0 };
    case "ahead":
      return { ahead: relation.commits, behind: 0 };
    case "behind":
      return { ahead: 0, behind: relation.commits };
    case "diverged":
    case "unrelated":
      return { ahead: relation.ahead, behind: relation.behind };
  }
}
