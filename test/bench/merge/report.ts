import { join } from "node:path";

import { displayPath } from "../../../src/git/paths.ts";
import { keepSection, measuredOn } from "./results-file.ts";
import { renderCells } from "../table.ts";
import type { Difference } from "./compare.ts";
import type { MergeList } from "./merge-list.ts";
import type { Options } from "./options.ts";
import type { Replay } from "./replay.ts";

const RESULTS = join(import.meta.dir, "..", "merge-results.md");
const HEAD = `# Merges replayed

Written by \`bun run bench:merge\`, except for the explanations of the differences. "Clean" are the merges that system
git makes without conflict: lull must make the same tree. "Conflicting": the same unmerged paths, and the same content at all
others. Time is lull's through git's, for merging alone: lull in one process with its new objects kept in memory, against
one \`git merge-tree --stdin\` for every hundred merges (by the clock, and processor time), and against one git process
for each merge of a sample.
`;
/** Paths of one difference that are shown. */
const MOST_PATHS = 12;

export function differenceLines({ merge, difference, reasons, paths }: Difference): string[] {
  const more = paths.length > MOST_PATHS ? [`  and ${paths.length - MOST_PATHS} more`] : [];
  return [
    `${merge.oid} ${difference}${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`,
    ...paths.slice(0, MOST_PATHS).map((path) => `  ${displayPath(path)}`),
    ...more,
  ];
}

/** The table of one repository, for the terminal and for Markdown. */
export function summary(options: Options, list: MergeList, result: Replay): string {
  const { clean, conflicting } = result;
  const both = { merges: clean.merges + conflicting.merges, same: clean.same + conflicting.same };
  return renderCells(
    [
      "merges",
      "clean, same tree",
      "conflicting, same paths",
      "all",
      "ms each",
      "time",
      "processor time",
      "time, process each",
    ],
    [
      [
        chosenText(options, list),
        share(clean),
        share(conflicting),
        share(both),
        result.ourMsPerMerge.toFixed(1),
        result.wallRatio.toFixed(2),
        result.cpuRatio.toFixed(2),
        result.singleRatio.toFixed(2),
      ],
    ],
  );
}

function chosenText({ limit, sample, seed, from }: Options, { merges, total }: MergeList): string {
  const of = from === undefined ? "all refs" : from;
  if (merges.length === total) return `all ${total} of ${of}`;
  const random = sample > 0 ? ` and ${sample} at random (seed ${seed})` : "";
  return `newest ${limit}${random} of ${total} of ${of}`;
}

function share({ merges, same }: { readonly merges: number; readonly same: number }): string {
  if (merges === 0) return "none";
  // Rounded down: what is not whole must not read as 100 %.
  return `${same} of ${merges}, ${(Math.floor((same / merges) * 100_000) / 1000).toFixed(3)} %`;
}

/** Replaces this repository's section. Explanations stay with the differences that are still there. */
export function keepResult(options: Options, list: MergeList, result: Replay): void {
  keepSection({ file: RESULTS, head: HEAD, name: options.name }, (before) => {
    const left = [
      list.octopus > 0 ? `Left out for having more than two parents: ${list.octopus}.` : "",
      result.gitFailures.length > 0 ? `Left out as git itself fails: ${result.gitFailures.length}.` : "",
    ].filter((text) => text !== "");
    const differences = result.differences.map((difference) => {
      const text = differenceLines(difference).join("\n");
      const kept = explanationOf(before, difference.merge.oid);
      return `\`\`\`text\n${text}\n\`\`\`\n\n${kept ?? "Explanation: none yet."}\n`;
    });
    return [
      `${summary(options, list, result)}\n`,
      ...(left.length > 0 ? [`${left.join(" ")}\n`] : []),
      ...differences,
      measuredOn(),
    ].join("\n");
  });
}

/** The paragraph `Explanation: …` behind a difference that an earlier run wrote. */
function explanationOf(section: string, oid: string): string | undefined {
  return new RegExp(`^${oid} [^]*?^\`\`\`\\n\\n(Explanation: [^]*?)\\n\\n`, "m").exec(section)?.[1];
}
