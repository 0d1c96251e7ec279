/** What is remembered over a restart, between the words of the rules and the rows of the store. */
import type { Log } from "../base/log.ts";
import { messageOf } from "../base/errors.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { NETWORK_SUBJECT, type NetworkState, REACHABLE } from "./network.ts";
import { NOTHING_SENT, type RateState } from "./rate-limit.ts";
import type { Standing } from "./rules.ts";

export type Memory = {
  readonly standings: Map<string, Standing>;
  network: NetworkState;
  readonly rates: { trouble: RateState; news: RateState };
};

const RATES_SUBJECT = "program:rates";

type Detail = {
  readonly standing?: Standing | undefined;
  readonly network?: NetworkState;
  readonly rates?: Memory["rates"];
};

/** Reads and writes the memory; a store that fails is logged once, and what it lost is told again at worst. */
export function createMemory(store: NoticeStore, log: Log) {
  const known = new Map<string, string>();
  let isFailing = false;
  const tolerate = <T>(work: () => T): T | undefined => {
    try {
      const result = work();
      isFailing = false;
      return result;
    } catch (error) {
      if (!isFailing) log.warn(`what was told can not be remembered: ${messageOf(error)}`);
      isFailing = true;
      return undefined;
    }
  };
  return {
    load(): Memory {
      const memory: Memory = {
        standings: new Map(),
        network: REACHABLE,
        rates: { trouble: NOTHING_SENT, news: NOTHING_SENT },
      };
      for (const row of tolerate(() => store.load()) ?? []) {
        known.set(row.subject, row.detail);
        const { standing, network, rates } = parse(row.detail);
        if (standing !== undefined) memory.standings.set(row.subject, standing);
        if (network !== undefined) memory.network = network;
        if (rates !== undefined) Object.assign(memory.rates, rates);
      }
      return memory;
    },
    /** Writes what has changed. */
    save({ standings, network, rates }: Memory, now: number): void {
      const wanted = new Map<string, Standing | undefined>(standings);
      if (rates.trouble.held + rates.trouble.sent.length + rates.news.held + rates.news.sent.length > 0)
        wanted.set(RATES_SUBJECT, undefined);
      for (const [subject, standing] of wanted) {
        const detail = JSON.stringify({
          standing,
          ...(subject === NETWORK_SUBJECT ? { network } : {}),
          ...(subject === RATES_SUBJECT ? { rates } : {}),
        } satisfies Detail);
        if (known.get(subject) === detail) continue;
        tolerate(() => store.save({ ...columns(standing, now), subject, detail }));
        known.set(subject, detail);
      }
      for (const subject of known.keys()) {
        if (wanted.has(subject)) continue;
        tolerate(() => store.remove(subject));
        known.delete(subject);
      }
    },
  };
}

/** For who looks into the database, and for other commands. */
function columns(standing: Standing | undefined, now: number) {
  return {
    state: standing?.condition?.key ?? "",
    since: standing?.since ?? now,
    told: standing?.told?.key ?? "",
    toldAt: standing?.told?.at,
  };
}

function parse(detail: string): Detail {
  try {
    return JSON.parse(detail) as Detail;
  } catch {
    // Damaged by hand: then it is told again.
    return {};
  }
}
