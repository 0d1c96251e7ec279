import type { CronField, CronFields, CronPart } from "../config/cron-fields.ts";

/**
 * Writes the fields as croner understands them, whatever liberties their grammar allows: six fields in numbers,
 * `5/10` as `5-59/10`. A field that says nothing becomes a star, so that the day of the month and the day of the week
 * are "either of them" only when both say something.
 */
export function cronPattern({ second, minute, hour, day, month, weekday }: CronFields): string {
  return [second, minute, hour, day, month, weekday].map(fieldText).join(" ");
}

function fieldText({ any, parts }: CronField): string {
  return any ? "*" : parts.map(partText).join(",");
}

function partText(part: CronPart): string {
  if (part.kind === "last") return "L";
  const { from, to, step } = part;
  if (from === to) return String(from);
  return step === 1 ? `${from}-${to}` : `${from}-${to}/${step}`;
}
