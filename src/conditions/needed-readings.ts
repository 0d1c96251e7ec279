import type { PowerCondition } from "../config/config.ts";
import type { ReadingName } from "../platform/readings/readings.ts";
import type { JudgeInput } from "./conditions.ts";

/** What must be read before `judge` can say anything, and no more. */
export function neededReadings({
  when,
  needsNetwork,
}: Pick<JudgeInput, "when" | "needsNetwork">): readonly ReadingName[] {
  const needed: readonly (readonly [ReadingName, boolean])[] = [
    ["network", needsNetwork || when.network !== undefined],
    ["idle", (when.idleMs ?? 0) > 0],
    ["power", when.power !== undefined && asksForPower(when.power)],
    ["load", when.load !== undefined],
    ["disk", (when.diskBytes ?? 0) > 0],
  ];
  return needed.filter(([, isNeeded]) => isNeeded).map(([name]) => name);
}

function asksForPower({ mains, batteryPercent = 0, noPowerSaver }: PowerCondition): boolean {
  return mains || batteryPercent > 0 || noPowerSaver;
}
