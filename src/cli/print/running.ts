import type { WentBack } from "../../app/go-back.ts";
import { safeText } from "../../base/safe-text.ts";
import { count, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";

/** Apps that may overwrite what is restored under them, and what to do about it. */
export function runningLines(
  running: WentBack["running"],
  { style, symbols, width }: Look,
): readonly string[] {
  return (running ?? []).flatMap(({ name, files, hint }) => {
    const [only = "", ...others] = files;
    const what = others.length === 0 ? safeText(only) : `the ${count(files.length, "file")} of it`;
    return hangingLines(
      `${style.yellow(symbols.attention)} `,
      `${safeText(name)} is running and may overwrite ${what}: ${safeText(hint ?? "Quit it first.")}`,
      width,
    );
  });
}
