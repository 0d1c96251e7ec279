/** What Windows' programs print, as values. */
import type { NetworkState } from "../readings.ts";

type Profile = {
  readonly level?: unknown;
  readonly cost?: unknown;
  readonly roaming?: unknown;
  readonly wlan?: unknown;
  readonly ssid?: unknown;
};

/** NetworkCostType; "Unknown" is not among them. */
const METERED: Readonly<Record<string, boolean>> = { Unrestricted: false, Fixed: true, Variable: true };

/** The profile as `network.ts` asks PowerShell for it; undefined for what is none. */
export function profileOf(json: string): NetworkState | undefined {
  let profile: Profile;
  try {
    profile = (JSON.parse(json) as Profile | null) ?? {};
  } catch {
    return undefined;
  }
  const { level, cost, roaming, wlan, ssid } = profile;
  if (typeof level !== "string") return undefined;
  return {
    // The remote may stand in the network that is all there is ("LocalAccess").
    online: level === "InternetAccess" || level === "LocalAccess",
    behindSignIn: level === "ConstrainedInternetAccess",
    metered: roaming === true ? true : METERED[String(cost)],
    wifi: typeof wlan === "boolean" ? wlan : undefined,
    ssid: typeof ssid === "string" && ssid !== "" ? ssid : undefined,
  };
}

/**
 * `netsh wlan show interfaces`: only the names that no translation changes are looked at. Newer systems tell programs
 * nothing without the right to the location.
 */
export function wifiOf(output: string): Partial<Pick<NetworkState, "wifi" | "ssid">> {
  const ssid = /^\s+SSID\s+: (.*\S)\s*$/m.exec(output)?.[1];
  return ssid === undefined ? {} : { wifi: true, ssid };
}
