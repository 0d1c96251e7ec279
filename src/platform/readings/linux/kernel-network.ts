import { access as exists } from "node:fs/promises";

import { type MachineAccess, textAt } from "../machine-access.ts";

/** What the kernel's routes and devices tell. */
export type KernelNetwork = {
  readonly online: boolean;
  /** Undefined: what lies below a tunnel is not to be seen. */
  readonly wifi: boolean | undefined;
};

/**
 * Online is who has a default route through a device that is up, or any route but a link-local one through a device
 * with hardware: a network without a way into the world may still hold the remote. The bridges of containers and
 * virtual machines, which are up on the most lonely laptop, have neither. Undefined: the kernel shows no routes.
 */
export async function readKernelNetwork(access: MachineAccess): Promise<KernelNetwork | undefined> {
  const [v4, v6] = await Promise.all([
    textAt(access, "proc/net/route"),
    textAt(access, "proc/net/ipv6_route"),
  ]);
  if (v4 === undefined && v6 === undefined) return undefined;
  const routes = [...routesOfV4(v4 ?? ""), ...routesOfV6(v6 ?? "")].sort(
    (a, b) => Number(b.isDefault) - Number(a.isDefault) || a.metric - b.metric,
  );
  const names = [...new Set(routes.map(({ device }) => device))];
  const devices = new Map(
    await Promise.all(names.map(async (name) => [name, await deviceOf(access, name)] as const)),
  );
  const usable = routes.filter(({ device, isDefault }) => {
    const found = devices.get(device);
    return found?.isUp === true && (isDefault || found.isHardware);
  });
  // What a tunnel runs through is a device with hardware that has a route.
  const carrying = usable
    .map(({ device }) => devices.get(device))
    .find((device) => device?.isTunnel === false);
  return { online: usable.length > 0, wifi: carrying?.isWifi };
}

export type Route = { readonly device: string; readonly isDefault: boolean; readonly metric: number };

/** `<linux/route.h>` */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** /proc/net/route: a headline, then device, destination, gateway, flags, …, metric, mask; addresses in hex, little-endian. */
export function routesOfV4(text: string): readonly Route[] {
  return text.split("\n").flatMap((line): readonly Route[] => {
    const [device, destination = "", , flags = "", , , metric, mask] = line.split(/\s+/);
    const isUsable = isUp(flags) && !destination.toUpperCase().endsWith("FEA9"); // 169.254.0.0/16
    if (device === undefined || device === "lo" || !isUsable) return [];
    return [
      { device, isDefault: /^0+$/.test(destination) && /^0+$/.test(mask ?? ""), metric: Number(metric) },
    ];
  });
}

/** /proc/net/ipv6_route: destination, its length, source, its length, next hop, metric, use counts, flags, device. */
export function routesOfV6(text: string): readonly Route[] {
  return text.split("\n").flatMap((line): readonly Route[] => {
    const [destination = "", length, , , , metric = "", , , flags = "", device] = line.trim().split(/\s+/);
    if (device === undefined || device === "lo" || !isUp(flags)) return [];
    // fe80::/10 is there as soon as a cable is; ff00::/8 is multicast.
    if (/^(?:fe[89ab]|ff)/i.test(destination)) return [];
    const isDefault = /^0+$/.test(destination) && length === "00";
    return [{ device, isDefault, metric: Number.parseInt(metric, 16) }];
  });
}

function isUp(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_REJECT) === 0;
}

type Device = {
  readonly isUp: boolean;
  readonly isHardware: boolean;
  readonly isWifi: boolean;
  readonly isTunnel: boolean;
};

/** `<linux/if_arp.h>` ARPHRD_ETHER: what is no tunnel. */
const ETHERNET = "1";

async function deviceOf(access: MachineAccess, name: string): Promise<Device> {
  const folder = `sys/class/net/${name}`;
  const [state, type, isHardware, wireless, phy] = await Promise.all([
    textAt(access, `${folder}/operstate`),
    textAt(access, `${folder}/type`),
    isThere(access, `${folder}/device`),
    isThere(access, `${folder}/wireless`),
    isThere(access, `${folder}/phy80211`),
  ]);
  return {
    // Tunnels and some drivers do not tell ("unknown"); without sysfs the route has to do.
    isUp: state === undefined || state === "up" || state === "unknown",
    isHardware,
    isWifi: wireless || phy,
    isTunnel: type !== undefined && type !== ETHERNET,
  };
}

async function isThere({ root }: MachineAccess, path: string): Promise<boolean> {
  try {
    await exists(`${root}/${path}`);
    return true;
  } catch {
    return false;
  }
}
