import { LullError } from "../../base/errors.ts";
import type { Finding } from "./guards.ts";

export function guardError(finding: Finding, source: string): LullError {
  const { guard, message, causes, figures, heals } = finding;
  return new LullError({
    kind: "guard",
    code: `GUARD_${guard.toUpperCase().replaceAll("-", "_")}`,
    message,
    causes,
    hint: hintFor(finding, source),
    data: { guard, ...figures, ...(heals ? { heals } : {}) },
  });
}

function hintFor({ guard, heals }: Finding, source: string): string {
  if (heals)
    return `mount it, or \`lull restore ${source} --at HEAD\`, and lull goes on by itself; if it is meant: lull allow ${source}; nothing was changed`;
  if (guard === "filter")
    return `commit such files with git itself, or go on without them: lull allow ${source}; nothing was changed`;
  if (guard === "deletions")
    return `look with \`lull diff ${source}\`; to have them back: lull restore ${source} --at HEAD; if it is meant: lull allow ${source}; nothing was changed`;
  return `look with \`lull diff ${source}\`; if it is meant: lull allow ${source}; nothing was changed`;
}
