import type { ListResult } from "../../app/list-sources.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, fitColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";

export function listLines(result: ListResult, look: Look): readonly string[] {
  if (result.sources.length === 0) return ["No sources yet. Take in a folder with `lull add FOLDER`."];
  const titles = ["SOURCE", "KIND", "FOLDER", "REMOTE"];
  const rows = result.sources.map((source) => [
    safeText(source.name),
    source.kind,
    safeText(source.directory ?? "(managed by lull)"),
    safeText(source.remotes.join(", ") || "none"),
  ]);
  const [head = [], ...fitting] = fitColumns([titles, ...rows], look.width, look.symbols.cut);
  return alignColumns([
    head.map((title) => look.style.dim(title)),
    ...fitting.map(([name = "", ...rest]) => [look.style.bold(name), ...rest]),
  ]);
}
