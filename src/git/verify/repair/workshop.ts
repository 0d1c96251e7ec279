import type { RepositoryParts } from "../../repository-parts.ts";
import type { Signature } from "../../model.ts";
import type { VerifyInput } from "../verify-result.ts";
import type { RepairStep } from "./repair-result.ts";
import type { SetAside } from "./set-aside.ts";

/** What the steps of a repair share. */
export type Workshop = {
  readonly parts: RepositoryParts;
  /** With the objects and the shared refs. */
  readonly common: string;
  readonly aside: SetAside;
  readonly steps: RepairStep[];
  readonly author: Signature;
  readonly input: VerifyInput;
};

export function note(
  workshop: Workshop,
  where: string,
  did: string,
  outcome: RepairStep["outcome"] = "done",
): void {
  workshop.steps.push({ where, did, outcome });
}
