import { bringBack } from "../app/go-back.ts";
import type { FlagTable } from "./command.ts";
import { lookOf } from "./look-of.ts";
import { readMoment } from "./moment.ts";
import { wentBackLines } from "./print/savepoints.ts";
import { showSyncEvent } from "./print/sync-event.ts";
import type { Session } from "./session.ts";

/** The arguments that `rollback` and `restore` have in common. */
export const FILES_OF_SOURCE = {
  name: { type: "positional", required: true, valueHint: "NAME", description: "The source" },
  paths: {
    type: "positional",
    required: false,
    variadic: true,
    valueHint: "PATH",
    description: "Only these files and folders",
  },
} as const satisfies FlagTable;

export type BringBack = {
  readonly kind: "rollback" | "restore";
  readonly name: string;
  readonly paths: readonly string[];
  /** As typed. */
  readonly state: string | undefined;
  readonly outside?: boolean | undefined;
};

/** What `rollback` and `restore` do. */
export async function runBringBack(session: Session, wanted: BringBack): Promise<"ok"> {
  const { out, flags, signal } = session;
  const { kind, name, paths, state, outside } = wanted;
  const deps = await session.deps();
  const to = state === undefined ? undefined : { text: state, time: readMoment(state, session.clock) };
  const onEvent = showSyncEvent(out.progress, session.log);
  const done = await bringBack(
    deps,
    { kind, name, paths, to, outside, dryRun: flags.dryRun },
    { signal, onEvent },
  );
  if (out.json) out.document(done);
  else out.print(wentBackLines(done, { kind, verbose: flags.verbose }, lookOf(session, deps)));
  return "ok";
}
