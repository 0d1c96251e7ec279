import { safeText } from "../base/safe-text.ts";
import type { NetworkCondition } from "../config/config.ts";
import type { NetworkState } from "../platform/readings/readings.ts";
import type { JudgeInput } from "./conditions.ts";
import { type Finding, MET, unmet } from "./finding.ts";

/** Of a machine that is offline nothing else about its network is said. */
export function networkFindings({ when, needsNetwork, readings }: JudgeInput): readonly Finding[] {
  const { network } = readings;
  const condition = needsNetwork ? "online" : "network";
  if (network?.kind !== "known") {
    const wanted = when.network === undefined ? "a network" : wantedNetwork(when.network);
    const why = network?.why ?? "it was not read";
    return [{ kind: "unknown", condition, wanted, what: "the state of the network", why }];
  }
  if (network.value.online) return when.network === undefined ? [] : qualities(when.network, network.value);
  const measured = network.value.behindSignIn ? "a sign-in page stands before the network" : "offline";
  return [
    unmet({
      condition,
      wanted: "a network",
      measured,
      words: network.value.behindSignIn
        ? `waits for the network (${measured}; open a browser and sign in)`
        : "waits for the network (this machine is offline)",
      firm: needsNetwork,
    }),
  ];
}

function qualities(wanted: NetworkCondition, state: NetworkState): readonly Finding[] {
  return [
    ...(wanted.unmetered ? [unmeteredFinding(state)] : []),
    ...(wanted.ssids.length > 0
      ? [nameFinding(wanted.ssids, state)]
      : wanted.wifi
        ? [wifiFinding(state)]
        : []),
  ];
}

const NOT_TOLD = "this system does not tell";

function unmeteredFinding({ metered }: NetworkState): Finding {
  if (metered === false) return MET;
  const asked = { condition: "network", wanted: "unmetered" } as const;
  if (metered === undefined)
    return { kind: "unknown", ...asked, what: "whether the network is metered", why: NOT_TOLD };
  const measured = "network is metered";
  return unmet({ ...asked, measured, words: `${measured} (wants unmetered)` });
}

function wifiFinding({ wifi }: NetworkState): Finding {
  if (wifi === true) return MET;
  const asked = { condition: "network", wanted: "wifi" } as const;
  if (wifi === undefined) return { kind: "unknown", ...asked, what: "whether it is on Wi-Fi", why: NOT_TOLD };
  const measured = "not on Wi-Fi";
  return unmet({ ...asked, measured, words: `${measured} (wants it)` });
}

function nameFinding(names: readonly string[], { wifi, ssid }: NetworkState): Finding {
  if (ssid !== undefined && names.includes(ssid)) return MET;
  const wanted = names.map(quoted).join(" or ");
  const asked = { condition: "network", wanted: `Wi-Fi ${wanted}` } as const;
  if (ssid === undefined && wifi !== false)
    return { kind: "unknown", ...asked, what: "the name of the Wi-Fi network", why: NOT_TOLD };
  const measured = ssid === undefined ? "not on Wi-Fi" : `on Wi-Fi ${quoted(ssid)}`;
  return unmet({ ...asked, measured, words: `${measured} (wants ${wanted})` });
}

function wantedNetwork({ unmetered, wifi, ssids }: NetworkCondition): string {
  const parts = [
    ...(unmetered ? ["unmetered"] : []),
    ...(ssids.length > 0 ? [`Wi-Fi ${ssids.map(quoted).join(" or ")}`] : wifi ? ["wifi"] : []),
  ];
  return parts.length === 0 ? "a network" : `a network: ${parts.join(", ")}`;
}

/** A name comes from whoever set up the network. */
function quoted(name: string): string {
  return `"${safeText(name)}"`;
}
