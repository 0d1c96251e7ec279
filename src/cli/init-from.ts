import { type ImportInput, type Tool, TOOLS } from "../app/import/import.ts";
import { type ImportPlan, planImport } from "../app/import/plan-import.ts";
import { writeImport } from "../app/import/write-import.ts";
import type { Deps } from "../app/deps.ts";
import { remoteAnswerProblem } from "../app/remote-answer.ts";
import { askerOf } from "./asker.ts";
import type { Ask } from "./cli-io.ts";
import { lookOf } from "./look-of.ts";
import { importedLines, importPlanLines } from "./print/import.ts";
import type { Session } from "./session.ts";
import { showWarnings } from "./show-warnings.ts";
import { didYouMean, usageError } from "./usage-error.ts";

export type FromInput = Omit<ImportInput, "tool"> & {
  readonly tool: string;
  readonly folder: string | undefined;
};

/** `lull init --from TOOL`: shows the plan, and writes it after a yes only. */
export async function initFrom(session: Session, { folder, ...given }: FromInput): Promise<"ok"> {
  const { out, flags, signal } = session;
  const input = { ...given, tool: checkedTool(given.tool) };
  refuseMeaningless(input, folder);
  if (out.json && !flags.yes && !flags.dryRun) throw notConfirmed(input.tool);
  const deps = await session.deps();
  const ask = flags.yes || flags.dryRun ? undefined : await askerOf(session);
  const plan = await plannedWith(deps, input, { ask, signal });
  const isEmpty = plan.sources.length + plan.apps.length === 0;
  if (!out.json) out.print(importPlanLines(plan, { verbose: flags.verbose, ...lookOf(session, deps) }));
  const isWritten = !isEmpty && !flags.dryRun && (flags.yes || (await confirmed(ask, input.tool)));
  const warnings = isWritten ? await writeImport(deps, plan) : [];
  if (out.json) out.document({ ...plan, dryRun: flags.dryRun, written: isWritten });
  else out.say(importedLines(plan, { isWritten, isDryRun: flags.dryRun }, lookOf(session, deps)));
  showWarnings(session, warnings);
  return "ok";
}

function checkedTool(text: string): Tool {
  const tool = TOOLS.find((one) => one === text.toLowerCase());
  if (tool !== undefined) return tool;
  throw usageError(
    "BAD_VALUE",
    `--from: "${text}" is no tool that lull can read`,
    didYouMean(text, TOOLS, `there are ${TOOLS.join(", ")}`),
  );
}

function refuseMeaningless(
  { tool, name, remote, withFolder }: ImportInput,
  folder: string | undefined,
): void {
  const problem =
    folder !== undefined
      ? "a folder and --from do not go together: what is taken in is what the other tool has"
      : withFolder && tool !== "chezmoi"
        ? `--with-folder is about chezmoi; ${tool} has no folder of its own that lull could sync`
        : tool === "gitwatch" && (name !== undefined || remote !== undefined)
          ? "--name and --remote have no meaning for gitwatch, where each folder has its own"
          : undefined;
  if (problem !== undefined) throw usageError("BAD_VALUE", problem, "lull init --help");
}

type Asking = { readonly ask: Ask | undefined; readonly signal: AbortSignal };

/** On a terminal it asks for what was not said, where a first look shows that it matters. */
async function plannedWith(deps: Deps, input: ImportInput, { ask, signal }: Asking): Promise<ImportPlan> {
  const first = await planImport(deps, input, { signal });
  if (ask === undefined) return first;
  const remote = input.remote ?? (gathersFiles(first) ? await askRemote(deps, input.tool, ask) : undefined);
  const withFolder =
    input.withFolder || (input.tool === "chezmoi" && (await askFolder(deps, input, { ask, signal })));
  const isSame = remote === input.remote && withFolder === input.withFolder;
  return isSame ? first : planImport(deps, { ...input, remote, withFolder }, { signal });
}

function gathersFiles({ sources }: ImportPlan): boolean {
  return sources.some(({ entry }) => entry["settings"] !== undefined);
}

async function askRemote(deps: Deps, tool: Tool, ask: Ask): Promise<string | undefined> {
  const answer = await ask.text({
    message: `A new, empty remote for the files that ${tool} looks after? Its URL or path; Enter for none yet`,
    initial: "",
    check: (text) => (text.trim() === "" ? undefined : remoteAnswerProblem(text, deps)),
  });
  return answer.trim() === "" ? undefined : answer.trim();
}

/** Only where its folder could become a source. */
async function askFolder(
  deps: Deps,
  input: ImportInput,
  { ask, signal }: { readonly ask: Ask; readonly signal: AbortSignal },
): Promise<boolean> {
  const plan = await planImport(deps, { ...input, withFolder: true }, { signal });
  if (!plan.sources.some(({ entry }) => entry["repo"] !== undefined)) return false;
  const answer = await ask.choose({
    message: "Keep chezmoi's own folder in sync with its remote, too?",
    choices: [
      { value: "no", label: "No" },
      { value: "yes", label: "Yes, as a repo source of its own" },
    ],
  });
  return answer === "yes";
}

async function confirmed(ask: Ask | undefined, tool: Tool): Promise<boolean> {
  if (ask === undefined) throw notConfirmed(tool);
  const answer = await ask.choose({
    message: "Write this?",
    choices: [
      { value: "yes", label: "Yes, write it into the config" },
      { value: "no", label: "No, change nothing" },
    ],
  });
  return answer === "yes";
}

function notConfirmed(tool: Tool): Error {
  return usageError(
    "NOT_CONFIRMED",
    "nothing was written: there is no terminal to ask on whether it should be",
    `write it: \`lull init --from ${tool} --yes\`; or only look: \`lull init --from ${tool} --dry-run\``,
  );
}
