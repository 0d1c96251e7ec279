import { nearestWord } from "../base/nearest-word.ts";

/** Returns what is wrong with the name of a time zone, or undefined when the runtime knows it. */
export function timezoneProblem(name: string): string | undefined {
  if (isTimezone(name)) return undefined;
  if (/^(?:local|system)$/i.test(name))
    return `"${name}" is no time zone; leave it out for this machine's own`;
  const near = nearestZone(name);
  const advice =
    near === undefined ? 'write a place such as "Europe/Rome", or "UTC"' : `did you mean "${near}"?`;
  return `"${name}" is no time zone; ${advice}`;
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** No zone has a longer name; a longer text would only be compared for long. */
const LONGEST_NAME = 40;

/** The zone of that city, or the one spelt most alike. */
function nearestZone(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const zones = Intl.supportedValuesOf("timeZone");
  const city = name.toLowerCase().replaceAll(" ", "_");
  return zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`)) ?? nearestWord(name, zones);
}
