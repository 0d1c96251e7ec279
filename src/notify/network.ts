/**
 * Offline is a state of the machine, not of ten sources: all hosts that can not be reached make one subject, told once,
 * and once when the last of them answers again. Pure.
 */
import { noticeText } from "./notice-text.ts";
import type { Condition } from "./rules.ts";

export const NETWORK_SUBJECT = "program:network";

/** A try that fails in the moment in which a laptop wakes up is no news. */
const PATIENCE_MS = 60_000;

export type NetworkState = {
  /** Hosts that did not answer, in the order in which they went; `*`: the machine has no network. */
  readonly away: readonly string[];
  /** Another host answered meanwhile: one that goes now is news of its own. */
  readonly isPartly: boolean;
  /** Counts such news. */
  readonly wave: number;
};

export const REACHABLE: NetworkState = { away: [], isPartly: false, wave: 0 };

export type NetworkSighting = { readonly reached: readonly string[]; readonly unreached: readonly string[] };

export const WHOLE_NETWORK = "*";

export function sighted(state: NetworkState, { reached, unreached }: NetworkSighting): NetworkState {
  // Any host of another machine that answers shows that there is a network.
  const gone = new Set([...reached, ...(reached.some(isRemote) ? [WHOLE_NETWORK] : [])]);
  const left = state.away.filter((host) => !gone.has(host));
  const joined = unreached.filter((host) => !left.includes(host));
  const away = [...left, ...joined];
  if (away.length === 0) return REACHABLE;
  const isPartly = left.length > 0 && (state.isPartly || reached.length > 0);
  const isNews = joined.length > 0 && (left.length === 0 || isPartly);
  return {
    away,
    isPartly: isPartly && !isNews,
    wave: isNews ? state.wave + 1 : state.wave,
  };
}

/** A folder on a drive says nothing about the network. */
function isRemote(host: string): boolean {
  return !/^(?:[/\\~.]|file:|[a-z]:)/i.test(host);
}

const MOST_HOSTS = 3;

export function networkCondition(state: NetworkState, now: number): Condition | undefined {
  if (state.away.length === 0) return undefined;
  const isOffline = state.away.includes(WHOLE_NETWORK);
  const hosts = state.away.filter((host) => host !== WHOLE_NETWORK).map((host) => noticeText(host));
  const named = hosts.slice(0, MOST_HOSTS).join(", ") + (hosts.length > MOST_HOSTS ? " and others" : "");
  return {
    key: `away:${state.wave}`,
    notice: {
      subject: NETWORK_SUBJECT,
      kind: "network",
      level: "problem",
      title: isOffline ? "This machine is offline" : `${named} can not be reached`,
      body: ["Changes are kept here and go out by themselves when the connection is back."],
      source: undefined,
      command: "lull status",
      paths: [],
      at: now,
    },
    patienceMs: PATIENCE_MS,
    needsPerson: false,
    over: isOffline ? "This machine is online again" : `${named} can be reached again`,
  };
}
