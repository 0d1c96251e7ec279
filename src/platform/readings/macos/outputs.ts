/** What the tools of macOS print, as values; undefined for what says nothing. */
import type { PowerState } from "../readings.ts";

const NANOSECONDS_OF_MS = 1e6;

/** `ioreg`: `"HIDIdleTime" = 41298374291`, in nanoseconds, in milliseconds here. */
export function idleOf(ioreg: string): number | undefined {
  const nanoseconds = /"HIDIdleTime" = (\d+)/.exec(ioreg)?.[1];
  return nanoseconds === undefined ? undefined : Math.floor(Number(nanoseconds) / NANOSECONDS_OF_MS);
}

/** `pmset -g batt`: what power is drawn from, and a line for each battery; a UPS is one too. */
export function supplyOf(battery: string): Omit<PowerState, "powerSaver"> | undefined {
  const from = /drawing from '([^']+)'/.exec(battery)?.[1];
  if (from === undefined) return undefined;
  const percents = [...battery.matchAll(/\t(\d{1,3})%;/g)].map(([, percent]) => Number(percent));
  const batteryPercent =
    percents.length === 0 ? undefined : percents.reduce((a, b) => a + b, 0) / percents.length;
  return { onMains: from === "AC Power", batteryPercent };
}

/** `pmset -g`: `lowpowermode 1`; Macs with a high-power mode too say `powermode`, of which 1 is the low one. */
export function isSaving(settings: string): boolean | undefined {
  const mode = /^\s*(?:low)?powermode\s+(\d)/m.exec(settings)?.[1];
  return mode === undefined ? undefined : mode === "1";
}

/** `scutil --nwi`: the devices that carry traffic, the first one first; none: offline. */
export function devicesOf(nwi: string): readonly string[] | undefined {
  const line = /^Network interfaces:(.*)$/m.exec(nwi)?.[1];
  if (line !== undefined) return line.trim().split(/\s+/).filter(Boolean);
  // Without any network that line is missing.
  return /No IPv4 states found/.test(nwi) && /No IPv6 states found/.test(nwi) ? [] : undefined;
}

/** `route -n get default`: `interface: en0`. */
export function defaultDevice(route: string): string | undefined {
  return /^\s*interface: (\S+)/m.exec(route)?.[1];
}

/** `networksetup -listallhardwareports`: `Hardware Port: Wi-Fi`, and its device in the line below. */
export function wifiDevice(ports: string): string | undefined {
  return /^Hardware Port: (?:Wi-Fi|AirPort)\nDevice: (\S+)/m.exec(ports)?.[1];
}

/** `networksetup -getairportnetwork en0`: `Current Wi-Fi Network: home`; another sentence when there is none. */
export function ssidOfNetworksetup(output: string): string | undefined {
  return /^Current (?:Wi-Fi|AirPort) Network: (.+)$/m.exec(output)?.[1];
}

/** `ipconfig getsummary en0`: `  SSID : home`; newer systems hide it from programs: `<redacted>`. */
export function ssidOfSummary(output: string): string | undefined {
  const name = /^\s+SSID : (.+)$/m.exec(output)?.[1];
  return name === "<redacted>" ? undefined : name;
}
