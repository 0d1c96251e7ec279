/** Conditions that are well formed each, and together, with those of `defaults`, leave no moment to sync. */
import { formatDuration } from "../base/duration.ts";
import type { Config, Source, WhenConfig } from "./config.ts";
import { rangeOf } from "./find-node.ts";
import type { ParsedConfig } from "./parse.ts";
import type { Problem } from "./problems.ts";
import { coverTheWeek } from "./quiet-hours-text.ts";

/** Sources whose quiet hours have no end. */
export function neverGoodMoments(parsed: ParsedConfig, config: Config): readonly Problem[] {
  const problems = config.sources
    .filter(({ when }) => when.maxDeferMs === undefined && coverTheWeek(when.quietHours))
    .map(({ name }): Problem => {
      const own = parsed.file.sources?.[name]?.when?.quiet_hours !== undefined;
      const path = [...(own ? ["sources", name] : ["defaults"]), "when", "quiet_hours"];
      return {
        message: `the quiet hours of "${name}" cover the whole week, so it would never be synced; leave some time, or give \`max_defer\``,
        range: rangeOf(parsed.document, path, "value"),
      };
    });
  // Those of `defaults` are one mistake, however many sources inherit them.
  return problems.filter(
    ({ range }, index) => problems.findIndex((other) => other.range[0] === range[0]) === index,
  );
}

/** Nobody leaves a machine alone for longer day by day. */
const LONG_IDLE_MS = 24 * 3_600_000;

/** What can hold, but hardly as it was meant. */
export function conditionWarnings(config: Config): readonly string[] {
  return config.sources.flatMap((source) => doubtsAbout(source, source.when));
}

function doubtsAbout(
  { name }: Source,
  { idleMs = 0, minGapMs = 0, maxDeferMs }: WhenConfig,
): readonly string[] {
  const doubts: string[] = [];
  if (maxDeferMs === undefined && idleMs > LONG_IDLE_MS)
    doubts.push(
      `"${name}" waits until nobody used this machine for ${formatDuration(idleMs)} (\`when.idle\`), which may never be; \`when.max_defer\` sets an end to waiting`,
    );
  if (maxDeferMs !== undefined && minGapMs > maxDeferMs)
    doubts.push(
      `\`when.min_gap\` of "${name}" (${formatDuration(minGapMs)}) is longer than its \`when.max_defer\` (${formatDuration(maxDeferMs)}), after which it is synced all the same`,
    );
  return doubts;
}
