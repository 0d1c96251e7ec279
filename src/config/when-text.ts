/**
 * The grammar of conditions as people write them, from their texts to numbers. A parser returns what is wrong, in
 * words, as a text, so that the check of the file and its reading can not differ.
 */
import { formatByteSize, parseByteSize } from "../base/byte-size.ts";
import { nearestWord } from "../base/nearest-word.ts";
import type { NetworkCondition, PowerCondition } from "./config.ts";

const NETWORK_WORDS = ["online", "unmetered", "wifi"];
const EXPLICIT_NAME = /^ssid:/i;
/** IEEE 802.11: an SSID has at most 32 bytes. */
const LONGEST_SSID = 32;

/**
 * `online`, `unmetered`, `wifi` and names of Wi-Fi networks, with commas between them; a name that holds a comma is
 * written as one entry of a list. `ssid:NAME` is a name in any case, also one that looks like a word of lull's.
 * @param given a text, or the entries of a list, which are not split
 */
export function parseNetwork(given: string | readonly string[]): NetworkCondition | string {
  const entries = (typeof given === "string" ? given.split(",") : given).map((entry) => entry.trim());
  if (entries.length === 0 || entries.includes(""))
    return '"" names no network; write online, unmetered, wifi or names of Wi-Fi networks';
  const ssids: string[] = [];
  const words = new Set<string>();
  for (const entry of entries) {
    const word = entry.toLowerCase();
    if (NETWORK_WORDS.includes(word)) words.add(word);
    else {
      const problem = nameProblem(entry);
      if (problem !== undefined) return problem;
      ssids.push(entry.replace(EXPLICIT_NAME, ""));
    }
  }
  return { unmetered: words.has("unmetered"), wifi: words.has("wifi"), ssids };
}

function nameProblem(entry: string): string | undefined {
  const name = entry.replace(EXPLICIT_NAME, "");
  if (name === "") return `"${entry}" names no Wi-Fi network`;
  if (Buffer.byteLength(name) > LONGEST_SSID)
    return `"${name}" can never hold: the name of a Wi-Fi network has at most ${LONGEST_SSID} bytes`;
  if (EXPLICIT_NAME.test(entry)) return undefined;
  // A slip would pass as the name of a network that nobody is ever in.
  const nearest = nearestWord(entry.replaceAll(/[\s_-]+/g, ""), NETWORK_WORDS);
  return nearest === undefined
    ? undefined
    : `"${entry}" is no word for a network; did you mean "${nearest}"? A Wi-Fi network of that name is "ssid:${entry}"`;
}

export const POWER_FORMS = '"mains", "battery >= 30%" or "no power-saver"';

/** `mains`, `battery >= 30%` and `no power-saver`, with commas or `and` between them: all of them must hold. */
export function parsePower(text: string): PowerCondition | string {
  let mains = false;
  let noPowerSaver = false;
  let batteryPercent: number | undefined;
  for (const part of text
    .split(/,|\band\b/i)
    .map((one) => one.trim().toLowerCase().replaceAll(/\s+/g, " "))) {
    const battery = /^battery ?(?:>=|≥) ?(\d+) ?%$/.exec(part)?.[1];
    if (battery !== undefined) {
      if (Number(battery) > 100) return `"${part}" can never hold: a battery has 100% at most`;
      batteryPercent = Math.max(batteryPercent ?? 0, Number(battery));
    } else if (part === "mains") mains = true;
    else if (part === "no power-saver") noPowerSaver = true;
    else return powerProblem(part);
  }
  if (mains && batteryPercent !== undefined)
    return `"${text}" asks for mains and for a charge, which only counts on battery; keep one of them`;
  return { mains, batteryPercent, noPowerSaver };
}

const MAINS = ["ac", "plugged", "plugged in", "charging", "on mains", "power", "adapter"];
const POWER_SAVER = [
  "no power saver",
  "no powersaver",
  "not power-saver",
  "not in power-saver",
  "no power-save",
];

function powerProblem(part: string): string {
  const percent = /^(?:battery)?\D*(\d{1,3}) ?%?$/.exec(part)?.[1];
  const meant =
    percent !== undefined && Number(percent) <= 100 && !part.includes("<")
      ? `battery >= ${percent}%`
      : MAINS.includes(part)
        ? "mains"
        : POWER_SAVER.includes(part)
          ? "no power-saver"
          : nearestWord(part, ["mains", "no power-saver"]);
  return `"${part}" is no condition for power; ${meant === undefined ? `write ${POWER_FORMS}` : `did you mean "${meant}"?`}`;
}

/** More free space than any disk of one machine has. */
const MOST_FREE = 1e15;

/** `>= 1GB`: bytes. */
export function parseDisk(text: string): number | string {
  const compact = text.replaceAll(/\s+/g, "");
  const [, sign, size = "", unit = ""] = /^(\D*)(\d+(?:\.\d+)?([a-z]*))$/i.exec(compact) ?? [];
  if (sign === undefined) return `"${text}" is no condition for a disk; write ">= 1GB"`;
  const isUnit = /^[pe]i?b$/i.test(unit) || parseByteSize(`1${unit}`) !== undefined;
  const bytes = parseByteSize(size) ?? (isUnit ? Infinity : undefined);
  if (bytes === undefined) return `"${size}" is no size such as 500MB or 1GB`;
  if (sign !== ">=" && sign !== "≥")
    return `"${text}" is no condition for a disk; did you mean ">= ${size}"?`;
  if (bytes > MOST_FREE)
    return `"${text}" can never hold: no disk has so much space free (${formatByteSize(MOST_FREE)})`;
  return bytes;
}

export const LEAST_LOAD = 0.01;
/** A load of nothing at all is hardly ever measured, and least of all while lull itself looks. */
export const LOAD_TOO_LOW = `can hardly ever hold: some load there always is; write ${LEAST_LOAD} or more`;
