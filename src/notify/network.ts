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
  /** Hosts that did not answer, in the order in which they went, and when they last did not. */
  readonly away: readonly { readonly host: string; readonly at: number }[];
  /** Another host answered meanwhile: one that goes now is news of its own. */
  readonly isPartly: boolean;
  /** Counts such news. */
  readonly wave: number;
};

export const REACHABLE: NetworkState = { away: [], isPartly: false, wave: 0 };

export type NetworkSighting = { readonly reached: readonly string[]; readonly unreached: readonly string[] };

/** In the place of a host: the machine has no network. */
export const WHOLE_NETWORK = "*";

/** Nobody has asked for it in this time: its source was taken out of the config. */
const FORGOTTEN_MS = 7 * 86_400_000;

/** @param now milliseconds since 1970 UTC */
export function sighted(
  state: NetworkState,
  { reached, unreached }: NetworkSighting,
  now: number,
): NetworkState {
  // Any host of another machine that answers shows that there is a network.
  const back = new Set([...reached, ...(reached.some(isRemote) ? [WHOLE_NETWORK] : [])]);
  const left = state.away
    .filter(({ host, at }) => !back.has(host) && now - at < FORGOTTEN_MS)
    .map(({ host, at }) => ({ host, at: unreached.includes(host) ? now : Math.min(at, now) }));
  const joined = unreached
    .filter((host) => !left.some((one) => one.host === host))
    .map((host) => ({ host, at: now }));
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

/** Nothing is away any more, but not because it has answered. */
export function isForgotten(
  before: NetworkState,
  after: NetworkState,
  { reached }: NetworkSighting,
): boolean {
  const isBack = before.away.some(({ host }) => host === WHOLE_NETWORK || reached.includes(host));
  return before.away.length > 0 && after.away.length === 0 && !isBack;
}

/** A folder on a drive says nothing about the network. */
function isRemote(host: string): boolean {
  return !/^(?:[/\\~.]|file:|[a-z]:)/i.test(host);
}

const MOST_HOSTS = 3;

export function networkCondition(state: NetworkState, now: number): Condition | undefined {
  if (state.away.length === 0) return undefined;
  const away = state.away.map(({ host }) => host);
  const isOffline = away.includes(WHOLE_NETWORK);
  const hosts = away.filter((host) => host !== WHOLE_NETWORK).map((host) => noticeText(host));
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
