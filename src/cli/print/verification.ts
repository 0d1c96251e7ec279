import type { VerifiedSource } from "../../app/verify-sources.ts";
import { safeText } from "../../base/safe-text.ts";
import type { ExitKind } from "../command.ts";
import { gravestKind } from "../gravest-kind.ts";
import { count, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";

type Checked = Extract<VerifiedSource, { readonly kind: "checked" }>;
type Remote = Checked["remotes"][number];
type Local = Checked["local"];
type Finding = Local["findings"][number];

/** More of them only scroll away; --verbose shows all. */
const SHOWN = 8;

/** Damage is a failure; a remote that could not be asked leaves the check half done. */
export function verificationKind(sources: readonly VerifiedSource[]): ExitKind {
  if (sources.some((source) => source.kind === "checked" && damageOf(source) > 0)) return "failed";
  return gravestKind(
    sources.flatMap((source) => {
      if (source.kind === "failed") return [source.error.kind];
      return source.kind === "checked" ? source.remotes.flatMap(({ error }) => error?.kind ?? []) : [];
    }),
  );
}

function damageOf({ local, remotes }: Checked): number {
  const inRemotes = remotes.reduce(
    (sum, { folder, lost }) => sum + gravities(folder).length + lost.length,
    0,
  );
  return gravities(local).length + inRemotes;
}

function gravities(result: Local | undefined): readonly Finding[] {
  return result?.findings.filter(({ gravity }) => gravity !== "note") ?? [];
}

export function verificationLines(
  sources: readonly VerifiedSource[],
  options: { readonly verbose: boolean },
  look: Look,
): readonly string[] {
  if (sources.length === 0) return ["No sources yet. Take in a folder with `lull add FOLDER`."];
  return sources.flatMap((source, at) => [...(at > 0 ? [""] : []), ...sourceLines(source, options, look)]);
}

function sourceLines(
  source: VerifiedSource,
  options: { readonly verbose: boolean },
  look: Look,
): readonly string[] {
  const { style, symbols, width } = look;
  const name = style.bold(safeText(source.source));
  if (source.kind === "skipped")
    return hangingLines(`${symbols.skipped} ${name}  `, safeText(source.reason), width);
  if (source.kind === "failed") {
    const { message, hint } = source.error;
    const text = `can not be checked: ${message}${hint === undefined ? "" : `. ${hint}`}`;
    return hangingLines(`${style.red(symbols.failed)} ${name}  `, safeText(text), width);
  }
  const isSound = damageOf(source) === 0;
  const sign = isSound ? style.green(symbols.done) : style.red(symbols.failed);
  const time = `${(source.durationMs / 1000).toFixed(1)} s`;
  const asked = source.remotes.map((remote) => remoteWords(remote, source.remotes.length > 1));
  const verdict = [`${countWords(source.local)}: ${verdictWords(source)}`, ...asked].join("; ");
  return [
    ...hangingLines(`${sign} ${name}  `, `${verdict} (checked in ${time})`, width),
    ...repairLines(source.repair, look),
    ...findingLines(newsOf(source), undefined, { ...options, isPlanned: isPlan(source) }, look),
    ...hintLines(source, look),
    ...source.remotes.flatMap((remote) => remoteLines(remote, options, look)),
  ];
}

function repairLines(repair: Checked["repair"], { style, symbols, width }: Look): readonly string[] {
  if (repair === undefined) return [];
  const { steps, savepoint, setAside } = repair;
  const lines = steps.flatMap(({ where, did, outcome }) => {
    const sign =
      outcome === "done"
        ? style.green(symbols.done)
        : outcome === "failed"
          ? style.red(symbols.failed)
          : symbols.arrow;
    const words = outcome === "planned" ? `${where}: would try: ${did}` : `${where} ${did}`;
    return hangingLines(`  ${sign} `, safeText(words), width);
  });
  return [
    ...lines,
    ...(savepoint === undefined
      ? []
      : hangingLines("  ", `Before that the savepoint ${safeText(savepoint)} was taken.`, width)),
    ...(setAside === undefined
      ? []
      : hangingLines("  ", `What was damaged lies in ${safeText(setAside)}`, width)),
  ];
}

/** Then the plan has said by what each is mended. */
function isPlan({ repair }: Checked): boolean {
  return repair !== undefined && repair.after === undefined && repair.steps.length > 0;
}

/** Where the damage lies was said with the repair itself. */
function newsOf({ local, repair }: Checked): readonly Finding[] {
  return local.findings.filter(({ where }) => repair?.setAside === undefined || where !== "lull/damaged");
}

/** Only when there is something that a repair takes on, and none was asked for. */
function hintLines({ source, local, repair }: Checked, { width }: Look): readonly string[] {
  const isMendable = gravities(local).some(
    ({ code }) => code !== "FILE_CHANGED_UNSEEN" && code !== "CONFIG_BROKEN",
  );
  if (!isMendable || repair !== undefined) return [];
  return hangingLines("  ", `To mend what can be mended: lull verify ${safeText(source)} --repair`, width);
}

function countWords({ objects, branches, tags, savepoints, files }: Local): string {
  return [
    count(objects, "object"),
    count(branches, "branch", "branches"),
    ...(tags === 0 ? [] : [count(tags, "tag")]),
    ...(savepoints === 0 ? [] : [count(savepoints, "savepoint")]),
    ...(files === undefined ? [] : [count(files, "file")]),
  ].join(", ");
}

function verdictWords(source: Checked): string {
  const found = gravities(source.local);
  const losses = found.filter(({ gravity }) => gravity === "loss").length;
  if (found.length === 0) return "all sound";
  if (losses === 0) return `${count(found.length, "damage", "damages")}, nothing is lost`;
  return losses === found.length
    ? count(losses, "loss", "losses")
    : `${count(losses, "loss", "losses")} and ${count(found.length - losses, "further damage", "further damages")}`;
}

function remoteWords({ name, standing, error }: Remote, isOneOfMany: boolean): string {
  const remote = isOneOfMany ? safeText(name) : "the remote";
  if (error !== undefined || standing === undefined) return `${remote} could not be asked`;
  switch (standing.kind) {
    case "same":
      return `${remote} has everything`;
    case "ahead":
      return `${remote} lacks ${count(standing.commits, "commit")}, which the next sync sends`;
    case "behind":
      return `${remote} has ${count(standing.commits, "commit")} more, which the next sync takes in`;
    case "diverged":
    case "unrelated":
      return `${remote} has ${count(standing.behind, "commit")} more and lacks ${standing.ahead}, which the next sync merges`;
    case "news":
      return `${remote} has commits that are not here yet`;
    case "absent":
      return `${remote} does not have this branch yet`;
    case "unknown":
      return `${remote} answers`;
  }
}

function remoteLines(remote: Remote, options: { readonly verbose: boolean }, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const { name, url, lost, folder, error } = remote;
  const head = `  ${style.yellow(symbols.attention)} `;
  return [
    ...lost.flatMap(({ branch, had, has }) =>
      hangingLines(
        head,
        safeText(
          `${name} (${url}) no longer has ${had.slice(0, 7)}, where its branch ${branch} was when it was seen last: ${has === undefined ? "the branch is gone" : `it is at ${has.slice(0, 7)} now`}. What is here is kept; \`lull sync\` merges and sends it`,
        ),
        width,
      ),
    ),
    ...(error === undefined
      ? []
      : hangingLines(
          head,
          safeText(`${name}: ${error.message}${error.hint === undefined ? "" : `. ${error.hint}`}`),
          width,
        )),
    ...findingLines(folder?.findings ?? [], safeText(name), options, look),
  ];
}

const SIGN = { loss: "failed", damage: "attention", note: "same" } as const;

function findingLines(
  findings: readonly Finding[],
  of: string | undefined,
  { verbose, isPlanned = false }: { readonly verbose: boolean; readonly isPlanned?: boolean },
  look: Look,
): readonly string[] {
  const { style, symbols, width } = look;
  const shown = verbose ? findings : findings.slice(0, SHOWN);
  const lines = shown.flatMap(({ gravity, where, what, meaning, mend }) => {
    const sign = symbols[SIGN[gravity]];
    const colour = gravity === "loss" ? style.red(sign) : gravity === "damage" ? style.yellow(sign) : sign;
    const place = `${of === undefined ? "" : `${of}: `}${where}`;
    return [
      ...hangingLines(`  ${colour} `, safeText(`${place}: ${what}`), width),
      ...(meaning === undefined ? [] : hangingLines("      ", safeText(meaning), width)),
      ...(mend === undefined || isPlanned || (gravity === "note" && !verbose)
        ? []
        : hangingLines("      ", safeText(`mends it: ${mend}`), width)),
    ];
  });
  return shown.length === findings.length
    ? lines
    : [...lines, `  and ${findings.length - shown.length} more: --verbose`];
}
