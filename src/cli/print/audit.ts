import type { getAudit } from "../../app/get-audit.ts";
import { safeText } from "../../base/safe-text.ts";
import { wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { localTime } from "./times.ts";

export type AuditedChange = Awaited<ReturnType<typeof getAudit>>[number];

export function auditLines(entries: readonly AuditedChange[], look: Look): readonly string[] {
  if (entries.length === 0) return ["No changes are on record."];
  const head = ["WHEN", "WHO", "CHANGE", "SOURCE", "DETAILS"].map((title) => look.style.dim(title));
  return wrapColumns(
    [
      head,
      ...entries.map((entry) => [
        localTime(entry.at, look.clock),
        safeText(entry.origin === "cli" ? entry.actor : `${entry.actor} (${entry.origin})`),
        safeText(entry.action),
        look.style.bold(safeText(entry.source ?? "-")),
        details(entry, look),
      ]),
    ],
    look.width,
  );
}

/** `directory=/home/me/notes remote=…`: what has no value says nothing and is left out. */
function details({ detail }: AuditedChange, look: Look): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== 0)
    .map(([key, value]) => `${safeText(key)}=${safeText(valueText(key, value, look))}`)
    .join(" ");
}

const TIMES: ReadonlySet<string> = new Set(["until", "pausedSince"]);

function valueText(key: string, value: unknown, look: Look): string {
  if (TIMES.has(key) && typeof value === "number") return localTime(value, look.clock);
  return typeof value === "string" ? value : JSON.stringify(value);
}
