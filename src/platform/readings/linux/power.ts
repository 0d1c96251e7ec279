import { textAt } from "../machine-access.ts";
import { known, type PowerState, type Readings, unknown } from "../readings.ts";
import type { LinuxQuestion } from "./linux-question.ts";
import { readSupplies } from "./power-supplies.ts";

/** UPower and power-profiles-daemon, each with what the kernel tells in its stead. */
export async function readPower(question: LinuxQuestion): Promise<Readings["power"]> {
  const [byService, byKernel, powerSaver] = await Promise.all([
    byUPower(question),
    readSupplies(question.access),
    isSaving(question),
  ]);
  const supply = byService ?? byKernel;
  if (supply === undefined) return unknown("neither UPower nor /sys/class/power_supply tells");
  const batteryPercent = supply.batteryPercent ?? byKernel?.batteryPercent;
  const source = byService === undefined ? "/sys/class/power_supply" : "UPower";
  return known({ onMains: supply.onMains, batteryPercent, powerSaver }, source);
}

const UPOWER = "org.freedesktop.UPower";

async function byUPower({ bus, signal }: LinuxQuestion): Promise<Omit<PowerState, "powerSaver"> | undefined> {
  const all = { bus: "system", service: UPOWER } as const;
  const [upower, display] = await Promise.all([
    bus.properties({ ...all, path: "/org/freedesktop/UPower", interface: UPOWER }, signal),
    bus.properties(
      { ...all, path: "/org/freedesktop/UPower/devices/DisplayDevice", interface: `${UPOWER}.Device` },
      signal,
    ),
  ]);
  const onBattery = upower?.["OnBattery"];
  if (typeof onBattery !== "boolean") return undefined;
  const percentage = display?.["IsPresent"] === true ? display["Percentage"] : undefined;
  return { onMains: !onBattery, batteryPercent: typeof percentage === "number" ? percentage : undefined };
}

/** The name before power-profiles-daemon 0.20, which newer ones and tuned-ppd keep too; then the new one. */
const PROFILE_SERVICES = [
  { service: "net.hadess.PowerProfiles", path: "/net/hadess/PowerProfiles" },
  { service: "org.freedesktop.UPower.PowerProfiles", path: "/org/freedesktop/UPower/PowerProfiles" },
];

async function isSaving({ access, bus, signal }: LinuxQuestion): Promise<boolean | undefined> {
  // At once: one that hangs must not take the time of the other.
  const answers = await Promise.all(
    PROFILE_SERVICES.map(async ({ service, path }) =>
      bus.properties({ bus: "system", service, path, interface: service }, signal),
    ),
  );
  const active = answers
    .map((properties) => properties?.["ActiveProfile"])
    .find((one) => typeof one === "string");
  if (active !== undefined) return active === "power-saver";
  // Documentation/ABI/testing/sysfs-platform_profile
  const profile = await textAt(access, "sys/firmware/acpi/platform_profile");
  return profile === undefined ? undefined : profile === "low-power";
}
