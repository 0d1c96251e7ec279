import { LullError } from "../base/errors.ts";
import { displayPath } from "../git/paths.ts";
import {
  type Allowance,
  type GuardMemory,
  readGuardMemory,
  type Waiting,
  writeGuardMemory,
} from "../sync/guards/guard-memory.ts";
import type { Context, Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";
import { noteChange } from "./history.ts";
import { repoOf } from "./repo-of.ts";
import { acquirePatiently } from "./acquire-patiently.ts";

export type AllowInput = {
  readonly name: string;
  /** Paths or names of guards; empty: what stops the source now. */
  readonly what: readonly string[];
  readonly action: "allow" | "list" | "remove";
  readonly dryRun: boolean;
};

/** Paths as people write them. */
export type GuardEntry = {
  readonly guard: string;
  readonly path: string | undefined;
  readonly reason: string;
  /** Since when it waits, or when it was allowed; milliseconds since 1970 UTC. */
  readonly at: number;
};

export type AllowResult = {
  readonly source: string;
  /** What this command allowed, or took back. */
  readonly changed: readonly GuardEntry[];
  readonly waiting: readonly GuardEntry[];
  readonly allowed: readonly GuardEntry[];
  /** The daemon syncs it now. */
  readonly syncs: boolean;
  readonly dryRun: boolean;
};

/** As long as a short sync takes; a longer one would only have to be waited for again. */
const PATIENCE_MS = 15_000;

/**
 * Lets a guard's finding through: what stops the source once, exactly as it was seen; a path that is left out from now
 * on. @throws LullError `UNKNOWN_SOURCE`, `NOTHING_TO_ALLOW` (kind `usage`), `SOURCE_LOCKED`, `NOT_A_REPOSITORY`
 */
export async function allowGuard(deps: Deps, input: AllowInput, context: Context): Promise<AllowResult> {
  const { config } = await deps.config.load();
  const source = repoOf(deps, findSource(config, input.name));
  if (source === undefined) throw nothing(input, { waiting: [], allowed: [] });
  using _ = await acquirePatiently(deps, { source, patienceMs: PATIENCE_MS }, context);
  const repository = deps.git.open(source.directory);
  const { gitDirectory } = repository;
  repository.close();
  const before = readGuardMemory(gitDirectory);
  const { memory, changed } = change(before, input, { at: deps.clock.now(), by: deps.userName });
  if (input.action !== "list" && changed.length === 0) throw nothing(input, before);
  if (input.action === "list" || input.dryRun)
    return result(input, { memory: before, changed, syncs: false });
  writeGuardMemory(gitDirectory, memory);
  const entries = changed.map(({ guard, path, reason }) => ({ guard, path: shown(path), reason }));
  noteChange(deps, {
    action: input.action === "allow" ? "allow" : "disallow",
    source: source.name,
    detail: { entries },
  });
  const syncs = input.action === "allow" && (await goOn(deps, source.name, context));
  return result(input, { memory, changed, syncs });
}

type Change = { readonly memory: GuardMemory; readonly changed: readonly (Waiting | Allowance)[] };

function change(
  before: GuardMemory,
  { what, action }: AllowInput,
  mark: Pick<Allowance, "at" | "by">,
): Change {
  const { waiting, allowed } = before;
  if (action === "remove") {
    const changed = allowed.filter((one) => what.length === 0 || what.some((word) => isMeant(one, word)));
    return { memory: { waiting, allowed: allowed.filter((one) => !changed.includes(one)) }, changed };
  }
  // Without a word only what stops the source: each file that stays out is to be said yes to by itself.
  const changed = waiting.filter((one) =>
    what.length === 0 ? one.path === undefined : what.some((word) => isMeant(one, word)),
  );
  const granted = changed.map(({ guard, path, reason, marks }): Allowance => {
    const once = path === undefined && guard !== "filter";
    return { guard, path, reason, marks, once, ...mark };
  });
  return {
    memory: { waiting: waiting.filter((one) => !changed.includes(one)), allowed: [...allowed, ...granted] },
    changed,
  };
}

function isMeant({ guard, path }: Pick<Waiting, "guard" | "path">, word: string): boolean {
  return path === undefined ? guard === word : displayPath(path) === word.replace(/^\.\//, "");
}

/** Ends the guard's pause, and has the daemon sync it at once, if one runs. */
async function goOn(deps: Deps, name: string, context: Context): Promise<boolean> {
  const now = deps.clock.now();
  const pause = deps.pauses.list(now).find(({ source }) => source === name);
  if (pause?.guard !== undefined) deps.pauses.resume(name, now);
  await deps.daemon.poke({ kind: "reconsider" });
  const answer = await deps.daemon.ask({ kind: "sync", sources: [name] }, context).catch(() => undefined);
  return answer?.kind === "done";
}

function result(
  { name, dryRun }: AllowInput,
  { memory, changed, syncs }: Change & { readonly syncs: boolean },
): AllowResult {
  return {
    source: name,
    changed: changed.map(entryOf),
    waiting: memory.waiting.map(entryOf),
    allowed: memory.allowed.map(entryOf),
    syncs,
    dryRun,
  };
}

function entryOf(one: Waiting | Allowance): GuardEntry {
  const { guard, path, reason } = one;
  return { guard, path: shown(path), reason, at: "at" in one ? one.at : one.since };
}

function shown(path: string | undefined): string | undefined {
  return path === undefined ? undefined : displayPath(path);
}

const MOST_NAMED = 3;

function nothing({ name, what, action }: AllowInput, { waiting, allowed }: GuardMemory): LullError {
  const known = action === "allow" ? waiting : allowed;
  const words = known.slice(0, MOST_NAMED).map(({ guard, path }) => shown(path) ?? guard);
  const asked = what.length === 0 ? "" : ` of ${what.map((word) => JSON.stringify(word)).join(", ")}`;
  return new LullError({
    kind: "usage",
    code: "NOTHING_TO_ALLOW",
    message:
      action === "allow"
        ? `no guard holds back anything${asked} in ${name}`
        : `nothing${asked} is allowed in ${name}`,
    hint:
      words.length === 0
        ? `see \`lull allow ${name} --list\``
        : `there is: ${words.join(", ")}; see \`lull allow ${name} --list\``,
  });
}
