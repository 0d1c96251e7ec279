import type { Remark } from "../../app/import/import.ts";
import type { ImportPlan } from "../../app/import/plan-import.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import { count, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";

/** As many names as a person reads; `--verbose` shows all. */
const MOST_NAMES = 10;

type PlanLook = Look & { readonly verbose: boolean };

/** What an import found, what it would write, what it leaves out, and what the person does with the other tool. */
export function importPlanLines(plan: ImportPlan, look: PlanLook): readonly string[] {
  const { style } = look;
  return [
    ...section(
      "Found",
      plan.found.flatMap((line) => item(line, look)),
      look,
    ),
    ...writtenLines(plan, look),
    ...section(
      "There already",
      plan.alreadyThere.flatMap((line) => item(line, look)),
      look,
    ),
    ...section(
      "Not carried over",
      plan.leftOut.flatMap((remark) => remarkLines(remark, look)),
      look,
    ),
    ...section(
      "For you to do",
      plan.steps.flatMap((remark) => remarkLines(remark, look)),
      look,
    ),
    ...(plan.sources.length + plan.apps.length === 0 ? [style.bold("Nothing to write.")] : []),
  ];
}

/** The lines of the config stand at the left edge, so that they can be copied as they are. */
function writtenLines(plan: ImportPlan, look: PlanLook): readonly string[] {
  const config = safeText(shortPath(plan.configFile, look.home));
  const where = plan.configExists ? config : `${config} (a new file)`;
  const texts = [
    ...(plan.sourcesText === "" ? [] : [{ head: where, text: plan.sourcesText }]),
    ...plan.apps.map(({ file, text }) => ({ head: safeText(shortPath(file, look.home)), text })),
  ];
  return texts.flatMap(({ head, text }) => [
    look.style.bold(`To be written to ${head}`),
    ...text.trimEnd().split("\n").map(safeText),
    "",
  ]);
}

function section(title: string, lines: readonly string[], { style }: Look): readonly string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines, ""];
}

function remarkLines({ text, names }: Remark, look: PlanLook): readonly string[] {
  return [
    ...item(text, look),
    ...(names.length === 0 ? [] : hangingLines("      ", look.style.dim(nameList(names, look)), look.width)),
  ];
}

function item(text: string, { width }: Look): readonly string[] {
  return hangingLines("  - ", safeText(text), width);
}

function nameList(names: readonly string[], { verbose }: PlanLook): string {
  const shown = verbose ? names : names.slice(0, MOST_NAMES);
  const more = names.length - shown.length;
  const list = shown.map(safeText).join(", ");
  return more === 0 ? list : `${list} and ${more} more (--verbose shows all)`;
}

/** How it ended. */
export function importedLines(
  plan: ImportPlan,
  { isWritten, isDryRun }: { readonly isWritten: boolean; readonly isDryRun: boolean },
  look: Look,
): readonly string[] {
  if (isDryRun) return ["Nothing was changed (a dry run)."];
  if (!isWritten) return ["Nothing was changed."];
  const names = plan.sources.map(({ name }) => safeText(name));
  const what = [
    ...(names.length === 0 ? [] : [`${count(names.length, "source")} (${names.join(", ")})`]),
    ...(plan.apps.length === 0
      ? []
      : [count(plan.apps.length, "definition of an app", "definitions of apps")]),
  ];
  return [
    `${look.style.green(look.symbols.done)} Wrote ${what.join(" and ")}; nothing of ${plan.tool} and no file of yours was changed`,
    "Next: what stands above under “For you to do”, then lull sync",
  ];
}
