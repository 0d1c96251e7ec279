import type { ConditionName, Reason } from "./conditions.ts";

/** What became of one condition. */
export type Finding =
  | { readonly kind: "met" }
  | { readonly kind: "unmet"; readonly reason: Reason }
  | {
      readonly kind: "unknown";
      readonly condition: ConditionName;
      readonly wanted: string;
      /** What could not be read: `whether the network is metered`. */
      readonly what: string;
      readonly why: string;
    };

export const MET: Finding = { kind: "met" };

/** @param reason `until` and `firm` where they are not the usual: unknown, and no */
export function unmet(
  reason: Omit<Reason, "until" | "firm"> & Partial<Pick<Reason, "until" | "firm">>,
): Finding {
  return { kind: "unmet", reason: { until: undefined, firm: false, ...reason } };
}
