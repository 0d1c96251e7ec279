import type { Connection } from "../../../transport/transport.ts";
import type { SavepointNote } from "../../git.ts";
import type { Signature } from "../../model.ts";
import type { VerifyInput, VerifyResult } from "../verify-result.ts";

export type RepairInput = VerifyInput & {
  /** Nothing is written and no remote is asked; the steps are those that would be tried. */
  readonly dryRun: boolean;
  /** For the savepoint before the first change. */
  readonly note: SavepointNote;
  readonly author: Signature;
  /** Where lost objects may be had, in the order in which they are asked. */
  readonly remotes: readonly RescueRemote[];
};

export type RescueRemote = { readonly name: string; readonly connect: () => Promise<Connection> };

export type RepairStep = {
  /** As in the finding that it is about. */
  readonly where: string;
  /** In words, e.g. `came back from origin`. */
  readonly did: string;
  readonly outcome: "done" | "planned" | "failed";
};

export type RepairResult = {
  readonly before: VerifyResult;
  /** Undefined: nothing was changed. */
  readonly after: VerifyResult | undefined;
  readonly steps: readonly RepairStep[];
  /** Taken before the first change; undefined: nothing was changed, or none could be taken. */
  readonly savepoint: string | undefined;
  /** The folder with all that was taken out of the way, absolute; undefined: nothing was. */
  readonly setAside: string | undefined;
};
