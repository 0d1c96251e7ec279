/** Who changed what and when: each change that a person or the API makes. Times are milliseconds since 1970 UTC. */
import type { SavepointKey } from "./tip-after.ts";

export type AuditEntry = {
  readonly at: number;
  readonly origin: "cli" | "api" | "daemon";
  /** The person's name on this system, or the name of the API token. */
  readonly actor: string;
  /** Stable word: `add`, `remove`, `config set`, `pause`, `resume`, `maintain` … */
  readonly action: string;
  readonly source: string | undefined;
  /** Facts of the change. Never a secret: who writes it has redacted it. */
  readonly detail: Readonly<Record<string, unknown>>;
};

export type StoredAuditEntry = AuditEntry & { readonly id: number };

export type AuditFilter = {
  readonly source?: string | undefined;
  readonly since?: number | undefined;
  readonly limit: number;
};

export type AuditStore = {
  record(entry: AuditEntry): void;
  /** Newest first. */
  list(filter: AuditFilter): readonly StoredAuditEntry[];
  /** The branch's commit after the change that took a savepoint; undefined: none is known. */
  tipAfter(key: SavepointKey): string | undefined;
  /** Deletes at most `limit` entries that are older; returns how many. */
  prune(input: { readonly before: number; readonly limit: number }): number;
};
