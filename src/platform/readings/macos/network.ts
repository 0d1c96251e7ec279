import { type MachineAccess, outputOf } from "../machine-access.ts";
import { known, type Readings, unknown } from "../readings.ts";
import { defaultDevice, devicesOf, ssidOfNetworksetup, ssidOfSummary, wifiDevice } from "./outputs.ts";

/** Whether a network is metered no tool tells (Low Data Mode is for programs of Apple's frameworks). */
export async function readNetwork(access: MachineAccess, signal: AbortSignal): Promise<Readings["network"]> {
  const [devices, ports] = await Promise.all([
    activeDevices(access, signal),
    outputOf(access, ["/usr/sbin/networksetup", "-listallhardwareports"], { signal }),
  ]);
  if (devices === undefined) return unknown("neither scutil nor route tells whether there is a network");
  const wifi = ports === undefined ? undefined : wifiDevice(ports);
  // A VPN (utun0) comes first while it is up; it runs through the next one.
  const device = devices.find((name) => !TUNNEL.test(name));
  const isWifi = ports === undefined || device === undefined ? undefined : device === wifi;
  const ssid = isWifi === true && device !== undefined ? await ssidOf(access, device, signal) : undefined;
  return known(
    { online: devices.length > 0, behindSignIn: false, metered: undefined, wifi: isWifi, ssid },
    "scutil",
  );
}

const TUNNEL = /^(?:utun|ipsec|ppp|tun|tap|gif|stf)\d/;

async function activeDevices(
  access: MachineAccess,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const nwi = await outputOf(access, ["/usr/sbin/scutil", "--nwi"], { signal });
  const devices = nwi === undefined ? undefined : devicesOf(nwi);
  if (devices !== undefined) return devices;
  const route = await outputOf(access, ["/sbin/route", "-n", "get", "default"], { signal });
  const device = route === undefined ? undefined : defaultDevice(route);
  return device === undefined ? undefined : [device];
}

/** From macOS 14.4 on networksetup says that there is no Wi-Fi network, also when there is one. */
async function ssidOf(
  access: MachineAccess,
  device: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const network = await outputOf(access, ["/usr/sbin/networksetup", "-getairportnetwork", device], {
    signal,
  });
  const name = network === undefined ? undefined : ssidOfNetworksetup(network);
  if (name !== undefined) return name;
  const summary = await outputOf(access, ["/usr/sbin/ipconfig", "getsummary", device], { signal });
  return summary === undefined ? undefined : ssidOfSummary(summary);
}
