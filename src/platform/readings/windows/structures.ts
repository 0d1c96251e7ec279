/** Structures of the Windows API, as values. */
import type { PowerState } from "../readings.ts";

/** LASTINPUTINFO: its own size, then the tick of the last input; both of 32 bits, little-endian. */
export const LAST_INPUT_INFO_BYTES = 8;

/**
 * Milliseconds since the last input of this session.
 * @param tick GetTickCount: milliseconds since the start, which begin again at 0 after 49.7 days, as the other does
 */
export function idleOf(info: DataView, tick: number): number {
  return (tick - info.getUint32(4, true)) >>> 0;
}

/** SYSTEM_POWER_STATUS: ACLineStatus, BatteryFlag, BatteryLifePercent, SystemStatusFlag, and two times. */
export const SYSTEM_POWER_STATUS_BYTES = 12;

const UNKNOWN = 255;
const NO_BATTERY = 128;

/** Undefined: it does not tell what the machine runs on. */
export function powerOf(status: DataView): PowerState | undefined {
  const line = status.getUint8(0);
  const flag = status.getUint8(1);
  const percent = status.getUint8(2);
  const hasBattery = flag !== UNKNOWN && (flag & NO_BATTERY) === 0;
  if (line === UNKNOWN && flag === UNKNOWN) return undefined;
  return {
    // A machine without a battery may not tell of its line.
    onMains: line === 1 || !hasBattery,
    batteryPercent: hasBattery && percent !== UNKNOWN ? Math.min(100, percent) : undefined,
    powerSaver: status.getUint8(3) === 1,
  };
}
