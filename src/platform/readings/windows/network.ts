import { type MachineAccess, outputOf } from "../machine-access.ts";
import { known, type NetworkState, type Readings } from "../readings.ts";
import { profileOf, wifiOf } from "./outputs.ts";
import type { WindowsHost } from "./windows-readers.ts";

/** What a look at the network's profile found, and for which addresses of the machine it holds. */
type Look = { readonly addresses: string; readonly at: number; readonly state: NetworkState };

/** A person may declare a network metered while it is in use. */
const LONGEST_KEPT_MS = 5 * 60_000;
/** PowerShell's start, and a fall-back in the time that is left. */
const POWERSHELL_DEADLINE_MS = 8000;

/**
 * Whether there is a network is read each time. Its cost and name come from PowerShell, at a second of processor time:
 * they are kept while the machine has the same addresses, for five minutes at most.
 */
export class NetworkReader {
  readonly #access: MachineAccess;
  readonly #host: Pick<WindowsHost, "networkInterfaces">;
  #last: Look | undefined;

  constructor(access: MachineAccess, host: Pick<WindowsHost, "networkInterfaces">) {
    this.#access = access;
    this.#host = host;
  }

  async read(signal: AbortSignal): Promise<Readings["network"]> {
    const addresses = this.#addresses();
    if (addresses === "") return known(OFFLINE, "the network devices");
    const at = this.#access.clock.now();
    const kept = this.#last;
    // A clock that was set back tells nothing of the age.
    const age = at - (kept?.at ?? 0);
    if (kept !== undefined && kept.addresses === addresses && age >= 0 && age < LONGEST_KEPT_MS)
      return known(kept.state, SOURCE);
    const output = await outputOf(this.#access, powershell(this.#access), {
      signal,
      deadlineMs: POWERSHELL_DEADLINE_MS,
    });
    const state = output === undefined ? undefined : profileOf(output);
    if (state === undefined) return this.#byDevices(signal);
    // A sign-in page goes without a change of address.
    this.#last = state.online ? { addresses, at, state } : undefined;
    return known(state, SOURCE);
  }

  async #byDevices(signal: AbortSignal): Promise<Readings["network"]> {
    const command = [inSystem(this.#access, "netsh.exe"), "wlan", "show", "interfaces"] as const;
    const output = await outputOf(this.#access, command, { signal });
    const { wifi, ssid } = output === undefined ? {} : wifiOf(output);
    return known({ ...OFFLINE, online: true, wifi, ssid }, "the network devices");
  }

  /** Of all devices that lead out of the machine; link-local addresses do not. */
  #addresses(): string {
    const all = Object.entries(this.#host.networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses
        .filter(({ internal, address }) => !internal && !/^(?:169\.254\.|fe80:)/i.test(address))
        .map(({ address }) => `${name} ${address}`),
    );
    return all.sort().join("\n");
  }
}

const SOURCE = "Windows' network profile";

const OFFLINE: NetworkState = {
  online: false,
  behindSignIn: false,
  metered: undefined,
  wifi: undefined,
  ssid: undefined,
};

/** Windows.Networking.Connectivity.NetworkInformation; newer PowerShells have no door to the Windows Runtime. */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$info = [Windows.Networking.Connectivity.NetworkInformation, Windows, ContentType = WindowsRuntime]
$profile = $info::GetInternetConnectionProfile()
if ($null -eq $profile) { '{"level":"None"}' } else {
  $cost = $profile.GetConnectionCost()
  $wlan = $profile.IsWlanConnectionProfile
  $ssid = if ($wlan) { $profile.WlanConnectionProfileDetails.GetConnectedSsid() } else { $null }
  @{ level = "$($profile.GetNetworkConnectivityLevel())"; cost = "$($cost.NetworkCostType)"; roaming = $cost.Roaming; wlan = $wlan; ssid = $ssid } | ConvertTo-Json -Compress
}
`;

function powershell(access: MachineAccess): readonly [string, ...string[]] {
  const program = inSystem(access, "WindowsPowerShell\\v1.0\\powershell.exe");
  return [program, "-NoProfile", "-NonInteractive", "-Command", SCRIPT];
}

/** By its whole path: what lies in the working folder must not be run in its stead. */
function inSystem({ environment }: MachineAccess, program: string): string {
  return `${environment["SystemRoot"] ?? "C:\\Windows"}\\System32\\${program}`;
}
