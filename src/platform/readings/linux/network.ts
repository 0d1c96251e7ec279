import { known, type NetworkState, type Readings, unknown } from "../readings.ts";
import { type KernelNetwork, readKernelNetwork } from "./kernel-network.ts";
import type { LinuxQuestion } from "./linux-question.ts";

const SERVICE = "org.freedesktop.NetworkManager";

/**
 * NetworkManager knows what the kernel does not: sign-in pages, whether somebody pays by volume, the name of the Wi-Fi.
 * Where it is not running, or the network is none of its own (servers, systemd-networkd), the kernel's routes count.
 */
export async function readNetwork(question: LinuxQuestion): Promise<Readings["network"]> {
  const { access, bus, signal } = question;
  const [kernel, manager] = await Promise.all([
    readKernelNetwork(access),
    bus.properties(
      { bus: "system", service: SERVICE, path: "/org/freedesktop/NetworkManager", interface: SERVICE },
      signal,
    ),
  ]);
  if (manager === undefined || !hasConnection(manager)) return byKernel(kernel);
  const wifi = manager["PrimaryConnectionType"] === WIFI || kernel?.wifi === true;
  const ssid = wifi ? await wifiName(question, String(manager["PrimaryConnection"])) : undefined;
  return known(byManager(manager, { wifi, ssid }), "NetworkManager");
}

function byKernel(kernel: KernelNetwork | undefined): Readings["network"] {
  if (kernel === undefined)
    return unknown("neither NetworkManager nor the kernel's routes tell whether there is a network");
  const { online, wifi } = kernel;
  const state = { online, behindSignIn: false, metered: undefined, wifi, ssid: undefined };
  return known(state, "the kernel's routes");
}

function hasConnection(manager: Properties): boolean {
  const primary = manager["PrimaryConnection"];
  return typeof primary === "string" && primary !== "/";
}

type Properties = Readonly<Record<string, unknown>>;

/** NMConnectivityState. "Limited" (4 is full, 3 limited) may be a firewall that only hides NetworkManager's test page. */
const NO_CONNECTIVITY = 1;
const BEHIND_SIGN_IN = 2;
/** NMMetered, by declaration or by guess; 0: unknown. */
const METERED: Readonly<Record<number, boolean>> = { 1: true, 2: false, 3: true, 4: false };
const WIFI = "802-11-wireless";

function byManager(manager: Properties, name: Pick<NetworkState, "wifi" | "ssid">): NetworkState {
  const connectivity = manager["Connectivity"];
  return {
    online: connectivity !== NO_CONNECTIVITY && connectivity !== BEHIND_SIGN_IN,
    behindSignIn: connectivity === BEHIND_SIGN_IN,
    metered: METERED[Number(manager["Metered"])],
    ...name,
  };
}

/** A VPN names the connection below it, and that its access point. */
const MOST_LAYERS = 3;

async function wifiName({ bus, signal }: LinuxQuestion, connection: string): Promise<string | undefined> {
  for (let path = connection, layer = 0; layer < MOST_LAYERS && path !== "/"; layer++) {
    const interfaceName = `${SERVICE}.Connection.Active`;
    const active = await bus.properties(
      { bus: "system", service: SERVICE, path, interface: interfaceName },
      signal,
    );
    const below = active?.["SpecificObject"];
    if (typeof below !== "string") return undefined;
    if (active?.["Type"] === WIFI) return ssidOf({ bus, signal }, below);
    path = below;
  }
  return undefined;
}

async function ssidOf(
  { bus, signal }: Pick<LinuxQuestion, "bus" | "signal">,
  path: string,
): Promise<string | undefined> {
  if (path === "/") return undefined;
  const interfaceName = `${SERVICE}.AccessPoint`;
  const point = await bus.properties(
    { bus: "system", service: SERVICE, path, interface: interfaceName },
    signal,
  );
  const bytes = point?.["Ssid"];
  return Array.isArray(bytes) && bytes.length > 0 ? Buffer.from(bytes).toString() : undefined;
}
