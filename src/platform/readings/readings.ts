/**
 * What lull asks of the machine before a sync: is there a network, is it used, is it on battery, is it busy, is there
 * room. This folder owns the asking, for each system in its own way; it must not know what an answer is good for:
 * `conditions/` judges. "Unknown" is an answer, with the reason: many machines can not tell one thing or another.
 */

export type Reading<T> =
  | {
      readonly kind: "known";
      readonly value: T;
      /** Who told it: `NetworkManager`, `logind`, `/proc/net/route` … */
      readonly source: string;
    }
  | {
      readonly kind: "unknown";
      /** For people; lower-case start, no full stop: `logind did not answer within 2 s`. */
      readonly why: string;
    };

export type NetworkState = {
  /** There is a way out of this machine, as far as it knows; a remote may still be out of reach. */
  readonly online: boolean;
  /** A sign-in page stands between this machine and the network (hotel, train); `online` is false then. */
  readonly behindSignIn: boolean;
  /** Somebody pays by volume. Undefined: this system does not tell. */
  readonly metered: boolean | undefined;
  /** Undefined: this system does not tell. While offline it says nothing. */
  readonly wifi: boolean | undefined;
  /** Name of the Wi-Fi network. Undefined: on no Wi-Fi, or its name is not to be had. */
  readonly ssid: string | undefined;
};

export type IdleState =
  /** Milliseconds since the last key, click or touch of anybody, also through ssh. */
  { readonly kind: "used"; readonly idleMs: number } | { readonly kind: "nobody-logged-in" };

export type PowerState = {
  readonly onMains: boolean;
  /** 0 to 100, of all batteries of the machine together. Undefined: it has none, or does not tell. */
  readonly batteryPercent: number | undefined;
  /** Undefined: this system does not tell. */
  readonly powerSaver: boolean | undefined;
};

export type Readings = {
  readonly network: Reading<NetworkState>;
  readonly idle: Reading<IdleState>;
  readonly power: Reading<PowerState>;
  /** Load average of the last minute for each processor: 1 is a machine with just enough to do. */
  readonly load: Reading<number>;
  /** Bytes that this user can still write to the file system. */
  readonly disk: Reading<number>;
};

export type ReadingName = keyof Readings;

/**
 * Asks the machine, now: nothing is kept from one call to the next but what is said where it is. Each method has a
 * deadline of its own (`READING_DEADLINE_MS`; the network of Windows 10 s), never throws and never hangs: late,
 * interrupted or broken is "unknown".
 */
export type MachineReaders = {
  network(signal: AbortSignal): Promise<Readings["network"]>;
  idle(signal: AbortSignal): Promise<Readings["idle"]>;
  power(signal: AbortSignal): Promise<Readings["power"]>;
  load(signal: AbortSignal): Promise<Readings["load"]>;
  /** @param path of a folder; the nearest one above it that exists counts */
  disk(path: string, signal: AbortSignal): Promise<Readings["disk"]>;
};

export const READING_DEADLINE_MS = 2000;

export function known<T>(value: T, source: string): Reading<T> {
  return { kind: "known", value, source };
}

export function unknown(why: string): { readonly kind: "unknown"; readonly why: string } {
  return { kind: "unknown", why };
}
