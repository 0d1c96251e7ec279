/** The conditions that the machine decides, each against its reading. */
import { formatByteSize } from "../base/byte-size.ts";
import { formatDuration } from "../base/duration.ts";
import type { PowerState, Reading, Readings } from "../platform/readings/readings.ts";
import type { ConditionName, JudgeInput } from "./conditions.ts";
import { type Finding, MET, unmet } from "./finding.ts";
import { neededReadings } from "./needed-readings.ts";
import { networkFindings } from "./network-findings.ts";

export function machineFindings(input: JudgeInput): readonly Finding[] {
  const needed = neededReadings(input);
  return [
    ...(needed.includes("network") ? networkFindings(input) : []),
    ...(needed.includes("idle") ? [idleFinding(input)] : []),
    ...(needed.includes("power") ? powerFindings(input) : []),
    ...(needed.includes("load") ? [loadFinding(input)] : []),
    ...(needed.includes("disk") ? [diskFinding(input)] : []),
  ];
}

function idleFinding({ when, readings, clock }: JudgeInput): Finding {
  const { idleMs = 0 } = when;
  const wanted = `${formatDuration(idleMs)} without input`;
  return against(
    readings.idle,
    { condition: "idle", wanted, what: "whether this machine is used" },
    (state) => {
      if (state.kind === "nobody-logged-in" || state.idleMs >= idleMs) return MET;
      const measured = `last input ${formatDuration(state.idleMs)} ago`;
      return unmet({
        condition: "idle",
        wanted,
        measured,
        words: `waits for ${wanted} (${measured})`,
        until: clock.now() + idleMs - state.idleMs,
      });
    },
  );
}

/** Each demand by itself: a machine may be on battery and save power. */
function powerFindings({ when, readings }: JudgeInput): readonly Finding[] {
  const { mains, batteryPercent = 0, noPowerSaver } = when.power ?? {};
  return [
    ...(mains === true ? [mainsFinding(readings.power)] : []),
    ...(batteryPercent > 0 ? [chargeFinding(readings.power, batteryPercent)] : []),
    ...(noPowerSaver === true ? [saverFinding(readings.power)] : []),
  ];
}

function mainsFinding(reading: Readings["power"] | undefined): Finding {
  const question = { condition: "power", wanted: "mains", what: "whether it is on mains" } as const;
  return against(reading, question, (state) => {
    if (state.onMains) return MET;
    const measured = onBattery(state);
    return unmet({ condition: "power", wanted: "mains", measured, words: `${measured}, wants mains` });
  });
}

function chargeFinding(reading: Readings["power"] | undefined, percent: number): Finding {
  const wanted = `battery >= ${percent} %`;
  const question = { condition: "power", wanted, what: "the charge of the battery" } as const;
  return against(reading, question, (state) => {
    if (state.onMains) return MET;
    if (state.batteryPercent === undefined)
      return { kind: "unknown", ...question, why: "it is on battery, which does not tell" };
    if (state.batteryPercent >= percent) return MET;
    const measured = onBattery(state);
    return unmet({ condition: "power", wanted, measured, words: `${measured}, wants >= ${percent} %` });
  });
}

function onBattery({ batteryPercent }: PowerState): string {
  return batteryPercent === undefined ? "on battery" : `on battery ${Math.floor(batteryPercent)} %`;
}

function saverFinding(reading: Readings["power"] | undefined): Finding {
  const wanted = "no power-saver";
  const question = { condition: "power", wanted, what: "whether the power-saver is on" } as const;
  return against(reading, question, ({ powerSaver }) => {
    if (powerSaver === false) return MET;
    if (powerSaver === undefined) return { kind: "unknown", ...question, why: "this system does not tell" };
    const measured = "the power-saver is on";
    return unmet({ condition: "power", wanted, measured, words: `${measured}, wants it off` });
  });
}

function loadFinding({ when, readings }: JudgeInput): Finding {
  const { load: most = Infinity } = when;
  const wanted = `load <= ${most}`;
  return against(readings.load, { condition: "load", wanted, what: "the load" }, (load) => {
    if (load <= most) return MET;
    // Rounded up: 0.804 must not read as "0.8, wants <= 0.8".
    const measured = `load ${Math.ceil(load * 100) / 100} per core`;
    return unmet({ condition: "load", wanted, measured, words: `${measured}, wants <= ${most}` });
  });
}

function diskFinding({ when, readings }: JudgeInput): Finding {
  const { diskBytes: least = 0 } = when;
  const wanted = `${formatByteSize(least)} free`;
  return against(readings.disk, { condition: "disk", wanted, what: "the free space" }, (free) => {
    if (free >= least) return MET;
    const rounded = formatByteSize(free);
    const measured = `${rounded === formatByteSize(least) ? `${free} B` : rounded} free`;
    return unmet({
      condition: "disk",
      wanted,
      measured,
      words: `${measured} on the disk, wants >= ${formatByteSize(least)}`,
      firm: true,
    });
  });
}

type Question = { readonly condition: ConditionName; readonly wanted: string; readonly what: string };

/** Judges a reading that is there; one that is missing or unknown stays so. */
export function against<T>(
  reading: Reading<T> | undefined,
  question: Question,
  judge: (value: T) => Finding,
): Finding {
  if (reading?.kind === "known") return judge(reading.value);
  return { kind: "unknown", ...question, why: reading?.why ?? "it was not read" };
}
