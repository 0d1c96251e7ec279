/**
 * Repairs what can be repaired: objects first, as all else leads to them, then refs, the index, and the logs. Nothing is
 * deleted: what is damaged goes to a folder of its own below `lull/damaged`. Every step ends with something that is
 * whole by itself, so that a crash in between leaves no more damage than there was.
 */
import { LullError } from "../../../base/errors.ts";
import { takeGcLock } from "../../maintenance/gc-lock.ts";
import { openObjectStore } from "../../objects/object-store.ts";
import { commonDirectory } from "../../refs/common-directory.ts";
import type { RepositoryParts } from "../../repository-parts.ts";
import { unfinishedOperation } from "../../refs/busy-signs.ts";
import type { FindingCode, Finding, VerifyResult } from "../verify-result.ts";
import { type Verified, verifyRepository } from "../verify-repository.ts";
import { mendIndex } from "./mend-index.ts";
import { mendLogs } from "./mend-logs.ts";
import { mendObjectFiles, setAsideCommitGraph } from "./mend-packs.ts";
import { mendRefs } from "./mend-refs.ts";
import type { RepairInput, RepairResult, RepairStep } from "./repair-result.ts";
import { rescueObjects } from "./rescue-objects.ts";
import { SetAside } from "./set-aside.ts";
import { note, type Workshop } from "./workshop.ts";

/** What no repair can decide, or what mends itself. */
const LEFT: ReadonlySet<FindingCode> = new Set([
  "FILE_CHANGED_UNSEEN",
  "JOURNAL",
  "LOCK",
  "LEFTOVERS",
  "UNREADABLE",
  "UNSUPPORTED",
  "INDEX_UNMERGED",
  "CONFIG_BROKEN",
  "OBJECT_WRONG_KIND",
  "HEAD_UNBORN",
]);

/**
 * @param takeSavepoint keeps branch, index and work tree as they are, as far as that can be done; returns its name
 * @throws LullError `REPOSITORY_BUSY` when git tidies up, `INTERRUPTED`, or of the system; nothing is lost then
 */
export async function repairRepository(
  parts: RepositoryParts,
  input: RepairInput,
  takeSavepoint: () => string | undefined,
): Promise<RepairResult> {
  const found = await verifyRepository(parts, input);
  const before = found.result;
  const due = before.findings.filter(({ code }) => !LEFT.has(code));
  const config = before.findings.find(({ code }) => code === "CONFIG_BROKEN");
  // What is a file and what an object can be told by the settings only.
  if (config !== undefined) return untouched(before, [inTheWay(config)]);
  if (due.length === 0) return untouched(before, []);
  if (input.dryRun) return untouched(before, due.map(planned));
  const common = commonDirectory(parts.gitDirectory);
  using lock = takeGcLock(common, parts.clock);
  if (lock === undefined) throw busy();
  const aside = new SetAside(common, parts.clock.now());
  const workshop: Workshop = { parts, common, aside, steps: [], author: input.author, input };
  const savepoint = takeSavepoint();
  await mend(workshop, found, input);
  const after = (await verifyRepository(parts, input)).result;
  return { before, after, steps: workshop.steps, savepoint, setAside: aside.folder };
}

async function mend(workshop: Workshop, found: Verified, input: RepairInput): Promise<void> {
  const { parts } = workshop;
  let verified = found;
  if (found.survey.damage.length > 0) {
    await mendObjectFiles(workshop, found.survey);
    parts.store.close();
    verified = await verifyRepository(parts, input);
  }
  if (await rescueObjects(workshop, verified, input.remotes)) verified = await verifyRepository(parts, input);
  parts.store.close();
  parts.store.refresh();
  setAsideCommitGraph(workshop);
  // A merge or rebase keeps its own account of where branches and index were.
  const operation = unfinishedOperation(parts.gitDirectory);
  if (operation !== undefined) {
    note(workshop, "refs, index", `were left alone: ${operation.reason}`, "failed");
    return;
  }
  const store = openObjectStore(workshop.common);
  try {
    await mendRefs(workshop, verified, store);
    mendIndex(workshop, verified, store);
  } finally {
    store.close();
  }
  mendLogs(workshop, verified);
}

function untouched(before: VerifyResult, steps: readonly RepairStep[]): RepairResult {
  return { before, after: undefined, steps, savepoint: undefined, setAside: undefined };
}

function planned({ where, mend: how }: Finding): RepairStep {
  return { where, did: how ?? "nothing is known that mends it", outcome: "planned" };
}

function inTheWay({ where, mend: how }: Finding): RepairStep {
  const first = how === undefined ? "" : `: ${how}`;
  return {
    where,
    did: `stands in the way of a repair, and only you can mend it${first}. Then run it again`,
    outcome: "failed",
  };
}

function busy(): LullError {
  return new LullError({
    kind: "unsafe",
    code: "REPOSITORY_BUSY",
    message: "`git gc` or a maintenance is at work here",
    hint: "let it end, then run the command again",
  });
}
