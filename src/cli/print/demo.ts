import type { DemoLine } from "../../app/run-demo.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Style } from "../style.ts";

/** The story's own words stand at the margin, what a device does below them. */
export function demoLine(line: DemoLine, style: Style): string {
  const text = safeText(line.text);
  if (line.device === undefined) return style.bold(text);
  const time = line.ms === undefined ? "" : style.dim(` (${formatDuration(line.ms)})`);
  return `  ${line.device.padEnd(7)}  ${text}${time}`;
}

export function demoNext(style: Style): readonly string[] {
  return [
    "",
    "Now with a folder of your own:",
    `  ${style.bold("lull init ~/notes")}   take it in; your files stay as they are`,
    `  ${style.bold("lull sync")}           bring it and its remote together`,
    `  ${style.bold("lull status")}         see how it stands`,
  ];
}
