import type { DeviceList } from "../../app/devices/list-devices.ts";
import { safeText } from "../../base/safe-text.ts";
import { wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { timeAgo } from "./times.ts";

/** One row a device. */
export function deviceLines({ devices }: Pick<DeviceList, "devices">, look: Look): readonly string[] {
  if (devices.length === 0)
    return ["No device is known yet; each one makes itself known with its next sync."];
  const head = ["DEVICE", "SYSTEM", "LULL", "LAST SYNC", "SOURCES", "ID"].map((title) =>
    look.style.dim(title),
  );
  const rows = devices.map((device) => [
    look.style.bold(safeText(device.name)) + (device.isThis ? " (this one)" : ""),
    safeText(device.system),
    safeText(device.version),
    lastSync(device.lastSyncAt, look),
    device.sources.map(safeText).join(", "),
    safeText(device.id),
  ]);
  return wrapColumns([head, ...rows], look.width);
}

/** A device says it once a day only, so that a younger time is not that of its last sync. */
const DAY_MS = 24 * 60 * 60 * 1000;

function lastSync(at: number, { clock }: Look): string {
  return clock.now() - at < DAY_MS ? "within a day" : timeAgo(at, clock);
}
