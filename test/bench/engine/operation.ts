/** What is measured: one operation, done by git and by lull in turn. */
import { measure, type Measured, type Subject } from "../measure.ts";

export type Goal = { readonly ratio?: number; readonly megabytes?: number };

export type Operation = {
  readonly name: string;
  /** The ratio to git that lull is to stay below, and megabytes resident. */
  readonly goal?: Goal | undefined;
  /** Fewer than the size of the tree asks for: one turn takes minutes. */
  readonly runs?: number;
  /** Rounds before counting starts, where the size's own number is too small: see `WARM_ROUNDS`. */
  readonly warmUp?: number;
  readonly git: Subject;
  readonly lull: Subject;
};

export type OperationResult = {
  readonly name: string;
  readonly goal: Goal | undefined;
  readonly git: Measured;
  readonly lull: Measured;
};

export type Turns = {
  readonly runs: number;
  /** Default 1. */
  readonly warmUp?: number;
  /** As in `MeasureOptions`. */
  readonly memoryOfRuns?: boolean;
};

export async function measureOperation(
  operation: Operation,
  { runs, warmUp = 1, memoryOfRuns = false }: Turns,
): Promise<OperationResult> {
  const [git, lull] = await measure([operation.git, operation.lull], {
    runs: operation.runs ?? runs,
    warmUp: operation.warmUp ?? warmUp,
    memoryOfRuns,
  });
  if (git === undefined || lull === undefined) throw new Error("nothing was measured");
  return { name: operation.name, goal: operation.goal, git, lull };
}
