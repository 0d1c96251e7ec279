import type { ListResult } from "../../app/list-sources.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";

export function listLines(result: ListResult, look: Look): readonly string[] {
  if (result.sources.length === 0) return ["No sources yet. Take in a folder with `lull add FOLDER`."];
  const head = ["SOURCE", "KIND", "FOLDER", "SCHEDULE", "REMOTE"].map((title) => look.style.dim(title));
  const rows = result.sources.map((source) => [
    look.style.bold(safeText(source.name)),
    source.kind,
    safeText(source.directory ?? "(managed by lull)"),
    safeText(source.schedules.join(", ") || "manual"),
    safeText(source.remotes.join(", ") || "none"),
  ]);
  return alignColumns([head, ...rows]);
}
