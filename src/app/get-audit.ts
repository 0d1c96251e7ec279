import type { StoredAuditEntry } from "../store/audit-store.ts";
import type { Deps } from "./deps.ts";
import { refuseUnknown } from "./get-log.ts";

export type AuditInput = {
  readonly name: string | undefined;
  /** Milliseconds since 1970 UTC; default: from the beginning. */
  readonly since?: number | undefined;
  readonly limit: number;
};

/** Returns what people and programs changed, newest first. */
export async function getAudit(deps: Deps, input: AuditInput): Promise<readonly StoredAuditEntry[]> {
  const entries = deps.audit.list({ source: input.name, since: input.since, limit: input.limit });
  if (entries.length === 0)
    await refuseUnknown(deps, input.name, () => deps.audit.list({ source: input.name, limit: 1 }).length > 0);
  return entries;
}
