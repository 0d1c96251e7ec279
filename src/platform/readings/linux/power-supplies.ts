import { readdir } from "node:fs/promises";

import { systemCode } from "../../../base/errors.ts";
import { type MachineAccess, textAt } from "../machine-access.ts";
import type { PowerState } from "../readings.ts";

type Supply = {
  readonly isBattery: boolean;
  readonly isOnline: boolean;
  readonly isDischarging: boolean;
  readonly percent: number | undefined;
  /** What it holds and can hold, in whatever unit; undefined: it does not tell both. */
  readonly charge: readonly [now: number, full: number] | undefined;
};

const FOLDER = "sys/class/power_supply";

/**
 * By /sys/class/power_supply (Documentation/ABI/testing/sysfs-class-power). A machine whose kernel lists no battery is
 * on mains. Undefined: the kernel has no such list.
 */
export async function readSupplies(
  access: MachineAccess,
): Promise<Omit<PowerState, "powerSaver"> | undefined> {
  let names: readonly string[];
  try {
    names = await readdir(`${access.root}/${FOLDER}`);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const found = await Promise.all(names.map(async (name) => supplyOf(access, `${FOLDER}/${name}`)));
  const supplies = found.filter((supply) => supply !== undefined);
  const batteries = supplies.filter(({ isBattery }) => isBattery);
  const adapters = supplies.filter(({ isBattery }) => !isBattery);
  const onMains =
    batteries.length === 0 ||
    adapters.some(({ isOnline }) => isOnline) ||
    // Some boards have no adapter that the kernel sees.
    (adapters.length === 0 && !batteries.some(({ isDischarging }) => isDischarging));
  return { onMains, batteryPercent: percentOf(batteries) };
}

async function supplyOf(access: MachineAccess, folder: string): Promise<Supply | undefined> {
  const text = async (name: string) => textAt(access, `${folder}/${name}`);
  const figure = async (name: string) => {
    const value = await text(name);
    return value === undefined || value === "" ? undefined : Number(value);
  };
  const [type, scope, present] = await Promise.all([text("type"), text("scope"), text("present")]);
  // Those of mice, keyboards and pens do not feed the machine.
  if (type === undefined || scope === "Device" || present === "0") return undefined;
  const [now, full] = [
    (await figure("energy_now")) ?? (await figure("charge_now")),
    (await figure("energy_full")) ?? (await figure("charge_full")),
  ];
  return {
    isBattery: type === "Battery",
    isOnline: (await text("online")) === "1",
    isDischarging: (await text("status")) === "Discharging",
    percent: await figure("capacity"),
    charge: now !== undefined && full !== undefined && full > 0 ? [now, full] : undefined,
  };
}

/** Of batteries of unlike size by what they hold; else each counts alike. */
function percentOf(batteries: readonly Supply[]): number | undefined {
  const charges = batteries.flatMap(({ charge }) => (charge === undefined ? [] : [charge]));
  if (batteries.length > 1 && charges.length === batteries.length) {
    const sum = (of: 0 | 1): number => charges.reduce((total, charge) => total + charge[of], 0);
    return Math.min(100, (100 * sum(0)) / sum(1));
  }
  const percents = batteries.flatMap(
    ({ percent, charge }) => percent ?? (charge && (100 * charge[0]) / charge[1]) ?? [],
  );
  return percents.length === 0 ? undefined : percents.reduce((a, b) => a + b, 0) / percents.length;
}
